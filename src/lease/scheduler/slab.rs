//! Numbered places for values, and doubly linked lists through them: what a list costs is in the places.

/// Values by number. A number is used again once its value is gone.
///
/// The places stand in chunks, so that growing moves no more than the first of them, and asks for one
/// chunk ahead at most.
#[derive(Debug)]
pub(super) struct Slab<T> {
    chunks: Vec<Vec<Node<T>>>,
    free: List,
    len: u32,
}

#[derive(Debug)]
pub(super) struct Node<T> {
    /// When it is due, in seconds of the scheduler's own clock.
    pub(super) at: u64,
    next: u32,
    previous: u32,
    /// Counts what makes an earlier hold on the place void, across the values it has had.
    pub(super) generation: u32,
    pub(super) place: Place,
    value: Option<T>,
}

/// On which list a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    /// One that its owner finds by the value.
    Queue,
    /// A bucket of the wheel.
    Bucket(u16),
}

/// The two ends of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    first: u32,
    last: u32,
}

/// The end of a list. No place has this number.
const NONE: u32 = u32::MAX;

const CHUNK: u32 = 1_024;

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: List::EMPTY,
            len: 0,
        }
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    /// None where every number is taken.
    pub(super) fn insert(&mut self, value: T) -> Option<u32> {
        let mut free = self.free;
        let number = self.pop(&mut free).or_else(|| self.grow())?;
        self.free = free;
        self.node_mut(number)?.value = Some(value);
        self.len += 1;
        Some(number)
    }

    /// The value, taken off its place, which is on no list of its owner any more.
    pub(super) fn remove(&mut self, number: u32) -> Option<T> {
        let node = self.node_mut(number)?;
        let value = node.value.take()?;
        node.generation = node.generation.wrapping_add(1);
        self.len -= 1;
        let mut free = self.free;
        self.push(&mut free, number, Place::Nowhere);
        self.free = free;
        Some(value)
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.node(number)?.value.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.node_mut(number)?.value.as_mut()
    }

    pub(super) fn node(&self, number: u32) -> Option<&Node<T>> {
        let chunk = self.chunks.get((number / CHUNK) as usize)?;
        chunk.get((number % CHUNK) as usize)
    }

    pub(super) fn node_mut(&mut self, number: u32) -> Option<&mut Node<T>> {
        let chunk = self.chunks.get_mut((number / CHUNK) as usize)?;
        chunk.get_mut((number % CHUNK) as usize)
    }

    /// Appends a place, which is on no list.
    pub(super) fn push(&mut self, list: &mut List, number: u32, place: Place) {
        let previous = list.last;
        let Some(node) = self.node_mut(number) else {
            return;
        };
        node.place = place;
        node.previous = previous;
        node.next = NONE;
        list.last = number;
        match self.node_mut(previous) {
            Some(previous) => previous.next = number,
            None => list.first = number,
        }
    }

    /// Takes the first place off.
    pub(super) fn pop(&mut self, list: &mut List) -> Option<u32> {
        let first = list.first()?;
        self.unlink(list, first);
        Some(first)
    }

    /// Takes a place off the list it is on.
    pub(super) fn unlink(&mut self, list: &mut List, number: u32) {
        let Some(node) = self.node_mut(number) else {
            return;
        };
        let (previous, next) = (node.previous, node.next);
        node.place = Place::Nowhere;
        match self.node_mut(previous) {
            Some(node) => node.next = next,
            None => list.first = next,
        }
        match self.node_mut(next) {
            Some(node) => node.previous = previous,
            None => list.last = previous,
        }
    }

    fn grow(&mut self) -> Option<u32> {
        if self
            .chunks
            .last()
            .is_none_or(|chunk| chunk.len() >= CHUNK as usize)
        {
            let is_first = self.chunks.is_empty();
            let ahead = if is_first { 0 } else { CHUNK as usize };
            self.chunks.push(Vec::with_capacity(ahead));
        }
        // The chunks before the last are full, and nothing is free: the length is the number.
        let number = self.len;
        let chunk = self.chunks.last_mut().filter(|_| number != NONE)?;
        chunk.push(Node {
            at: 0,
            next: NONE,
            previous: NONE,
            generation: 0,
            place: Place::Nowhere,
            value: None,
        });
        Some(number)
    }
}

impl List {
    pub(super) const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
    };

    pub(super) const fn first(&self) -> Option<u32> {
        if self.first == NONE {
            None
        } else {
            Some(self.first)
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.first == NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again_and_generations_differ() {
        let mut slab = Slab::new();
        let numbers: Vec<_> = (0..3_000).map(|value| slab.insert(value)).collect();
        assert_eq!(numbers.last(), Some(&Some(2_999)));
        assert_eq!(slab.remove(7), Some(7));
        assert_eq!(
            (slab.remove(7), slab.get(7), slab.len()),
            (None, None, 2_999)
        );
        assert_eq!(slab.insert(1), Some(7));
        assert_eq!(slab.node(7).map(|node| node.generation), Some(1));
        assert_eq!(slab.insert(2), Some(3_000));
        assert_eq!(slab.get(NONE), None);
    }

    #[test]
    fn a_list_keeps_its_order_around_what_leaves_it() {
        let mut slab = Slab::new();
        let mut list = List::EMPTY;
        for value in 0..5 {
            let number = slab.insert(value).unwrap();
            slab.push(&mut list, number, Place::Queue);
        }
        for number in [2, 0, 4] {
            slab.unlink(&mut list, number);
        }
        slab.push(&mut list, 2, Place::Queue);
        let order: Vec<_> = std::iter::from_fn(|| slab.pop(&mut list)).collect();
        assert_eq!(order, [1, 3, 2]);
        assert!(list.is_empty());
    }

    /// What a grant costs beside its key, the table's share apart.
    #[test]
    fn a_place_is_small() {
        struct Like<K>(K, u64, u32, u8, bool);
        let like = Like([0_u64; 2], 0, 0, 0, true);
        assert!(like.4 && like.0 == [0; 2] && (like.1, like.2, like.3) == (0, 0, 0));
        assert_eq!(size_of::<Node<Like<[u64; 2]>>>(), 40 + 16);
    }
}
