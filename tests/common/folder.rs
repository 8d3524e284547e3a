//! A folder of a test's own.

use std::fs;
use std::path::PathBuf;
use std::process;

/// Gone when it is dropped, with all that is in it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// No two tests of one program give the same name.
    pub(crate) fn new(test: &str) -> Self {
        let program = std::env::current_exe().unwrap();
        let program = program.file_stem().unwrap().display();
        let name = format!("{program}-{test}-{}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
