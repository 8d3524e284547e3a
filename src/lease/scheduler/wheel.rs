//! A hierarchical timer wheel: eleven wheels of 64 buckets, a bucket of each as long as the whole wheel
//! below it. They cover 64 bits of seconds, so nothing is ever out of their reach.
//!
//! ```text
//!   level 2   │ 4 096 s │ 4 096 s │ …          a moment is put where its number first differs from
//!   level 1   │ 64 s │ 64 s │ …                that of the present, six bits at a time
//!   level 0   │ 1 s │ 1 s │ …  ──▶ expired     when the present comes to a bucket, its moments fall
//! ```
//!
//! One word for each level says which buckets have something in them: the next one is found without a
//! walk. Each moment falls at most once for each level.

use crate::lease::scheduler::slab::List;
use crate::lease::scheduler::slab::Place;
use crate::lease::scheduler::slab::Slab;

#[derive(Debug)]
pub(super) struct Wheel {
    /// The present, as far as the wheel has turned.
    elapsed: u64,
    levels: [Level; LEVELS],
}

#[derive(Debug, Default)]
struct Level {
    occupied: u64,
    /// None until something is put on this level: most schedulers use the lowest few.
    buckets: Box<[List]>,
}

/// A bucket, and when its span begins.
struct Bucket {
    level: u16,
    digit: u8,
    start: u64,
}

const BITS: u16 = 6;

const SIDE: u16 = 1 << BITS;

const LEVELS: usize = 11;

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            elapsed: 0,
            levels: Default::default(),
        }
    }

    /// Puts a place, which is on no list, where it is due. Whether it did: not where it is due now.
    pub(super) fn insert<T>(&mut self, slab: &mut Slab<T>, number: u32) -> bool {
        let at = slab.node(number).map_or(0, |node| node.at);
        if at <= self.elapsed {
            return false;
        }
        let highest = (at ^ self.elapsed).checked_ilog2().unwrap_or(0);
        let level = u16::try_from(highest).unwrap_or(0) / BITS;
        let digit = digit(at, level);
        self.furnish(level);
        if let Some((occupied, bucket)) = self.bucket(level, digit) {
            *occupied |= 1 << digit;
            let place = Place::Bucket(level * SIDE + u16::from(digit));
            slab.push(bucket, number, place);
        }
        true
    }

    /// Takes a place out of its bucket.
    pub(super) fn remove<T>(&mut self, slab: &mut Slab<T>, number: u32) {
        let Some(Place::Bucket(place)) = slab.node(number).map(|node| node.place) else {
            return;
        };
        let [digit, ..] = (place % SIDE).to_le_bytes();
        if let Some((occupied, bucket)) = self.bucket(place / SIDE, digit) {
            slab.unlink(bucket, number);
            if bucket.is_empty() {
                *occupied &= !(1 << digit);
            }
        }
    }

    /// The next that is due at `now`, taken out. Each step down takes one from `work`: where that is
    /// used up, there may be more.
    pub(super) fn expire<T>(
        &mut self,
        slab: &mut Slab<T>,
        now: u64,
        work: &mut u32,
    ) -> Option<u32> {
        loop {
            let Some(first) = self.first().filter(|first| first.start <= now) else {
                self.elapsed = self.elapsed.max(now);
                return None;
            };
            *work = work.checked_sub(1)?;
            self.elapsed = self.elapsed.max(first.start);
            let (_, bucket) = self.bucket(first.level, first.digit)?;
            let number = bucket.first()?;
            self.remove(slab, number);
            if !self.insert(slab, number) {
                return Some(number);
            }
        }
    }

    /// When there is something to do: not after the first moment, and for far ones some time before.
    pub(super) fn next(&self) -> Option<u64> {
        self.first().map(|first| first.start)
    }

    fn first(&self) -> Option<Bucket> {
        let levels = (0..).zip(&self.levels);
        let occupied = levels.filter(|(_, level)| level.occupied != 0);
        let starts = occupied.map(|(number, level)| self.start(number, level.occupied));
        starts.min_by_key(|bucket| bucket.start)
    }

    /// The first bucket of a level. None lies behind the present: a wheel is never turned past what is
    /// in it.
    fn start(&self, level: u16, occupied: u64) -> Bucket {
        let digit = u8::try_from(occupied.trailing_zeros()).unwrap_or(0);
        let above = u32::from((level + 1) * BITS);
        let base = self.elapsed.checked_shr(above).unwrap_or(0);
        let base = base.checked_shl(above).unwrap_or(0);
        Bucket {
            level,
            digit,
            start: base | u64::from(digit) << (level * BITS),
        }
    }

    /// Gives a level its buckets, where it has none.
    fn furnish(&mut self, level: u16) {
        let level = self.levels.get_mut(usize::from(level));
        if let Some(level) = level.filter(|level| level.buckets.is_empty()) {
            level.buckets = vec![List::EMPTY; SIDE.into()].into();
        }
    }

    fn bucket(&mut self, level: u16, digit: u8) -> Option<(&mut u64, &mut List)> {
        let level = self.levels.get_mut(usize::from(level))?;
        let bucket = level.buckets.get_mut(usize::from(digit))?;
        Some((&mut level.occupied, bucket))
    }
}

/// The six bits of a moment that choose its bucket on a level.
fn digit(at: u64, level: u16) -> u8 {
    let [low, ..] = (at >> (level * BITS)).to_le_bytes();
    low & 0b11_1111
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(moments: &[u64]) -> (Wheel, Slab<()>) {
        let (mut wheel, mut slab) = (Wheel::new(), Slab::new());
        for at in moments {
            let number = slab.insert(()).unwrap();
            slab.node_mut(number).unwrap().at = *at;
            assert!(wheel.insert(&mut slab, number));
        }
        (wheel, slab)
    }

    fn expired(wheel: &mut Wheel, slab: &mut Slab<()>, now: u64) -> Vec<u64> {
        let mut work = u32::MAX;
        let numbers = std::iter::from_fn(|| wheel.expire(slab, now, &mut work));
        let numbers: Vec<_> = numbers.collect();
        let moments = numbers
            .into_iter()
            .map(|number| slab.node(number).unwrap().at);
        moments.collect()
    }

    #[test]
    fn each_moment_expires_at_its_own_second_in_order() {
        let mut moments = vec![
            1,
            63,
            64,
            65,
            127,
            128,
            4_095,
            4_096,
            4_097,
            262_144,
            u64::MAX,
        ];
        moments.extend([1 << 40, (1 << 60) - 1, 1 << 60]);
        for order in [1, 3, 5] {
            let mut shuffled = moments.clone();
            shuffled.rotate_left(order);
            let (mut wheel, mut slab) = filled(&shuffled);
            moments.sort_unstable();
            for at in &moments {
                let early = expired(&mut wheel, &mut slab, at - 1);
                assert!(early.is_empty(), "{at}");
                assert!(wheel.next().unwrap() <= *at);
                assert_eq!(expired(&mut wheel, &mut slab, *at), [*at]);
            }
            assert_eq!(wheel.next(), None);
        }
        let (mut wheel, mut slab) = filled(&moments);
        assert_eq!(expired(&mut wheel, &mut slab, u64::MAX), moments);
    }

    #[test]
    fn a_level_costs_nothing_until_it_is_used() {
        let furnished = |wheel: &Wheel| {
            let levels = wheel.levels.iter();
            levels.filter(|level| !level.buckets.is_empty()).count()
        };
        assert_eq!(furnished(&Wheel::new()), 0);
        let (mut wheel, mut slab) = filled(&[1, 4_095, 4_096]);
        assert_eq!(furnished(&wheel), 3);
        assert_eq!(expired(&mut wheel, &mut slab, 5_000).len(), 3);
        assert_eq!(furnished(&wheel), 3);
    }

    #[test]
    fn work_that_is_used_up_is_gone_on_with() {
        let (mut wheel, mut slab) = filled(&[5_000; 100]);
        for _ in 0..30 {
            let mut work = 10;
            while wheel.expire(&mut slab, 6_000, &mut work).is_some() {}
            assert!(work == 0 || wheel.next().is_none());
        }
        assert_eq!(wheel.next(), None);
    }
}
