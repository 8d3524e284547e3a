//! The scheduler from a thousand grants to ten million: time and memory. Prints the table of
//! `benches/README.md`.
//!
//! The keys are numbers, in no order; the grants are due within an hour, which starts ten minutes after
//! they were inserted. Time is CPU time of this thread; memory is what the allocator has given out and not
//! taken back, as far as it was asked for. Beside it a map of the standard library, with values of 40 bytes: what the caches of
//! the machine make of that many.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cpu_time::ThreadTime;

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease::scheduler::RefreshScheduler;
use oauth_proto::lease::scheduler::rate::Rate;
use oauth_proto::lease::scheduler::settled::Settled;
use oauth_proto::lease::terms::Terms;

const SIZES: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The small ones are measured again and again, until so many grants went through.
const GRANTS: u64 = 1_000_000;

const ISSUERS: [&str; 4] = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
    "https://d.example",
];

fn main() {
    println!(
        "| grants | insert | due and settle | cancel | memory beside the key | at its peak | a `HashMap`: insert |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for size in SIZES {
        let rounds = (GRANTS / size).max(1);
        let mut cost = Cost::default();
        for _ in 0..rounds {
            cost.add(measure(size));
        }
        let each = 1e9 / (size * rounds) as f64;
        let beside = |bytes: usize| bytes as f64 / size as f64 - size_of::<u64>() as f64;
        println!(
            "| {size} | {:.0} ns | {:.0} ns | {:.0} ns | {:.1} B | {:.1} B | {:.0} ns |",
            cost.insert.as_secs_f64() * each,
            cost.due.as_secs_f64() * each,
            cost.cancel.as_secs_f64() * each,
            beside(cost.bytes),
            beside(cost.peak),
            cost.map.as_secs_f64() * each,
        );
    }
}

#[derive(Default)]
struct Cost {
    insert: Duration,
    due: Duration,
    cancel: Duration,
    bytes: usize,
    peak: usize,
    map: Duration,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.insert += other.insert;
        self.due += other.due;
        self.cancel += other.cancel;
        self.bytes = other.bytes;
        self.peak = other.peak;
        self.map += other.map;
    }
}

fn measure(size: u64) -> Cost {
    let start = 1_800_000_000;
    let at = |seconds| UnixTime::from_secs(start + seconds);
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);

    let time = ThreadTime::now();
    let rate = Rate::new(u32::MAX, Duration::from_secs(1));
    let mut scheduler = RefreshScheduler::new(Terms::new()).with_rate(rate);
    for number in 0..size {
        let key = scattered(number);
        let issuer = ISSUERS[(key % 4) as usize];
        assert!(scheduler.insert(at(0), key, issuer, at(600 + (key >> 8) % 3_600)));
    }
    let insert = time.elapsed();
    let bytes = LIVE.load(Ordering::Relaxed) - before;
    let peak = PEAK.load(Ordering::Relaxed) - before;

    // Each falls due once, is given out, and is settled for another hour.
    let time = ThreadTime::now();
    let (mut now, mut settled) = (0, 0);
    while settled < size {
        now += scheduler
            .next_wakeup(at(now))
            .map_or(0, |nap| nap.as_secs());
        for turn in scheduler.due(at(now), 4_096).turns {
            scheduler.settle_as(at(now), turn, Settled::DueAt(at(now + 3_600)));
            settled += 1;
        }
    }
    let due = time.elapsed();

    let time = ThreadTime::now();
    for number in 0..size {
        assert!(scheduler.cancel(&scattered(number)));
    }
    let cancel = time.elapsed();
    drop(scheduler);

    // What memory costs at this size, whatever is kept in it.
    let time = ThreadTime::now();
    let mut map = HashMap::new();
    for number in 0..size {
        map.insert(scattered(number), [number; 5]);
    }
    Cost {
        insert,
        due,
        cancel,
        bytes,
        peak,
        map: time.elapsed(),
    }
}

/// A number of its own for each number, in no order (the finaliser of SplitMix64).
fn scattered(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}
