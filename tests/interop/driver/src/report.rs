//! What came of the scenarios: a line for each as it ends, and a table of the subjects.

use std::fmt;
use std::time::Duration;

use crate::failure::Failure;

/// The subjects in the order in which the first of each ended.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    subject: &'static str,
    passed: usize,
    failed: usize,
    time: Duration,
}

impl Report {
    /// Prints what came of a scenario, and counts it.
    pub(crate) fn tell(
        &mut self,
        subject: &'static str,
        name: &str,
        outcome: Result<(), Failure>,
        time: Duration,
    ) {
        let at = self.rows.iter().position(|row| row.subject == subject);
        let at = at.unwrap_or_else(|| {
            self.rows.push(Row {
                subject,
                passed: 0,
                failed: 0,
                time: Duration::ZERO,
            });
            self.rows.len() - 1
        });
        let row = &mut self.rows[at];
        row.time += time;
        match outcome {
            Ok(()) => {
                row.passed += 1;
                println!("ok {name}");
            }
            Err(failure) => {
                row.failed += 1;
                println!("FAILED {name}: {failure}");
            }
        }
    }

    /// Whether something passed and nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        self.sum(|row| row.failed) == 0 && self.sum(|row| row.passed) > 0
    }

    fn sum(&self, of: impl Fn(&Row) -> usize) -> usize {
        self.rows.iter().map(of).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:24} passed  failed  seconds", "subject")?;
        for row in &self.rows {
            let (subject, passed, failed) = (row.subject, row.passed, row.failed);
            let seconds = row.time.as_secs_f32();
            writeln!(f, "{subject:24} {passed:6}  {failed:6}  {seconds:7.1}")?;
        }
        let (passed, failed) = (self.sum(|row| row.passed), self.sum(|row| row.failed));
        write!(f, "{passed} passed, {failed} failed")
    }
}
