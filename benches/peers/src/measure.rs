//! Time and allocations of one operation.
//!
//! The contestants of a row take turns, sample by sample, so that whatever else the machine does
//! meets all of them alike. A sample is a batch of operations on prepared inputs; the time is CPU time
//! of this thread; the result of each operation is dropped within the time.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System;
use std::cell::Cell;
use std::hint::black_box;

use cpu_time::ThreadTime;

const SAMPLES: usize = 301;
const BATCH: usize = 128;

/// What one operation costs.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// The median of the samples.
    pub(crate) nanoseconds: f64,
    pub(crate) allocated: Allocated,
}

/// An operation of one contestant, ready to be sampled.
pub(crate) struct Contest<'a> {
    sample: Box<dyn FnMut() -> f64 + 'a>,
    allocated: Allocated,
}

impl<'a> Contest<'a> {
    /// `operation` upon what `prepare` makes. Preparing is not measured; all that `operation` does, the
    /// drop of its input and of its output included, is.
    pub(crate) fn new<I, O>(
        mut prepare: impl FnMut() -> I + 'a,
        mut operation: impl FnMut(I) -> O + 'a,
    ) -> Self {
        // The first time fills what is made once: a table, the state of a random generator.
        drop(operation(prepare()));
        let input = prepare();
        let before = Allocated::so_far();
        let output = operation(input);
        let allocated = Allocated::so_far().since(before);
        drop(output);
        let sample = move || {
            let inputs: Vec<I> = std::iter::repeat_with(&mut prepare).take(BATCH).collect();
            let start = ThreadTime::now();
            for input in inputs {
                black_box(operation(black_box(input)));
            }
            start.elapsed().as_secs_f64() * 1e9 / BATCH as f64
        };
        Self {
            sample: Box::new(sample),
            allocated,
        }
    }
}

/// Samples the contestants of a row in turns; none where a contestant does not take part.
pub(crate) fn run<const N: usize>(mut contests: [Option<Contest<'_>>; N]) -> [Option<Cost>; N] {
    let mut times = [const { Vec::new() }; N];
    for turn in 0..SAMPLES + SAMPLES / 10 {
        for (contest, times) in contests.iter_mut().zip(&mut times) {
            let time = contest.as_mut().map(|contest| (contest.sample)());
            // The first turns warm the caches up.
            times.extend(time.filter(|_| turn >= SAMPLES / 10));
        }
    }
    let mut times = times.into_iter();
    contests.map(|contest| {
        let mut times = times.next()?;
        times.sort_unstable_by(f64::total_cmp);
        Some(Cost {
            nanoseconds: *times.get(SAMPLES / 2)?,
            allocated: contest?.allocated,
        })
    })
}

/// Calls of the allocator by this thread, and the bytes they asked for. A reallocation counts as an
/// allocation of its new size.
#[derive(Clone, Copy)]
pub(crate) struct Allocated {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

thread_local! {
    static ALLOCATED: Cell<Allocated> = const { Cell::new(Allocated { count: 0, bytes: 0 }) };
}

impl Allocated {
    fn so_far() -> Self {
        ALLOCATED.get()
    }

    fn since(self, before: Self) -> Self {
        Self {
            count: self.count - before.count,
            bytes: self.bytes - before.bytes,
        }
    }

    fn add(bytes: usize) {
        let so_far = ALLOCATED.get();
        ALLOCATED.set(Self {
            count: so_far.count + 1,
            bytes: so_far.bytes + bytes,
        });
    }
}

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Allocated::add(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Allocated::add(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Allocated::add(size);
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}
