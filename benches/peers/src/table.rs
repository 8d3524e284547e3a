//! The tables, in Markdown.

use crate::measure;
use crate::measure::Contest;
use crate::measure::Cost;

/// One operation: this crate, oauth2, openidconnect, huskarl. Where something is signed, the bare operation of
/// the cryptography stands in the place of oauth2, which signs nothing.
pub(crate) struct Row<'a> {
    name: &'static str,
    /// The time as a part of oauth2's, and the allocations, that were set as an aim.
    aim: Option<(f64, usize)>,
    contests: [Option<Contest<'a>>; 4],
}

impl<'a> Row<'a> {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            aim: None,
            contests: [const { None }; 4],
        }
    }

    pub(crate) fn aim(mut self, ratio: f64, allocations: usize) -> Self {
        self.aim = Some((ratio, allocations));
        self
    }

    pub(crate) fn contests(mut self, contests: [Option<Contest<'a>>; 4]) -> Self {
        self.contests = contests;
        self
    }
}

/// Measures row by row and prints as it goes; then the aims.
pub(crate) fn print<'a>(rows: impl IntoIterator<Item = Row<'a>>) {
    println!("| | oauth-proto | oauth2 | openidconnect | huskarl | ours / best peer |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut aims = Vec::new();
    for row in rows {
        let costs = measure::run(row.contests);
        let [ours, peers @ ..] = costs;
        let best = peers.into_iter().flatten();
        let best = best.min_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds));
        let ratio = ratio(ours, best, 2);
        let shown = costs.map(cell).join(" | ");
        println!("| {} | {shown} | {ratio} |", row.name);
        if let (Some(aim), [Some(ours), Some(oauth2), ..]) = (row.aim, costs) {
            aims.push((row.name, aim, ours, oauth2));
        }
    }
    println!();
    println!("| aims | ours / oauth2 | aim | allocations | aim |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (name, (ratio, count), ours, oauth2) in aims {
        let reached = ours.nanoseconds / oauth2.nanoseconds;
        let allocations = ours.allocated.count;
        println!("| {name} | {reached:.2} | {ratio:.2} | {allocations} | {count} |");
    }
}

/// As [`print`], for what is signed.
pub(crate) fn print_signed<'a>(rows: impl IntoIterator<Item = Row<'a>>) {
    println!();
    println!("| | oauth-proto | raw | openidconnect | huskarl | ours / raw |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let costs = measure::run(row.contests);
        let [ours, raw, ..] = costs;
        let ratio = ratio(ours, raw, 3);
        println!(
            "| {} | {} | {ratio} |",
            row.name,
            costs.map(cell).join(" | ")
        );
    }
}

/// Rows of this crate, of the least that there is to do, and of oauth2.
pub(crate) fn print_least<'a>(rows: impl IntoIterator<Item = Row<'a>>) {
    println!();
    println!("| | oauth-proto | the least | oauth2 | least / oauth2 |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for row in rows {
        let [ours, least, oauth2, _] = measure::run(row.contests);
        let ratio = ratio(least, oauth2, 2);
        let shown = [ours, least, oauth2].map(cell).join(" | ");
        println!("| {} | {shown} | {ratio} |", row.name);
    }
}

/// The time of `one` as a part of that of `other`.
fn ratio(one: Option<Cost>, other: Option<Cost>, digits: usize) -> String {
    one.zip(other).map_or_else(nothing, |(one, other)| {
        format!("{:.digits$}", one.nanoseconds / other.nanoseconds)
    })
}

/// Nanoseconds, allocations, bytes.
fn cell(cost: Option<Cost>) -> String {
    cost.map_or_else(nothing, |cost| {
        let (count, bytes) = (cost.allocated.count, cost.allocated.bytes);
        format!("{:.0} ns ({count}, {bytes} B)", cost.nanoseconds)
    })
}

fn nothing() -> String {
    "–".to_owned()
}
