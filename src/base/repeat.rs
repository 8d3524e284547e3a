//! The first name that occurs twice, in near-linear time whatever the names.

/// Lists this short are compared name by name, without an allocation.
const FEW: usize = 32;

/// The position of the first name that stands earlier in the list already; names compare exactly.
///
/// A long list is sorted, not hashed: the time is bounded even where a platform has no random hash
/// keys and the names were chosen to collide.
pub(crate) fn first_repeat<'n, T: 'n>(
    list: &'n [T],
    name: impl Fn(&'n T) -> &'n str,
) -> Option<usize> {
    if list.len() <= FEW {
        first_of_few(list, name)
    } else {
        first_of_many(list.iter().map(name))
    }
}

fn first_of_few<'n, T: 'n>(list: &'n [T], name: impl Fn(&'n T) -> &'n str) -> Option<usize> {
    // One bit for each shape of a name; a name of a fresh shape is a fresh name.
    let mut shapes = 0_u64;
    for (at, item) in list.iter().enumerate() {
        let own = name(item);
        let shape = 1 << shape(own);
        if shapes & shape != 0 && list.iter().take(at).any(|other| name(other) == own) {
            return Some(at);
        }
        shapes |= shape;
    }
    None
}

fn first_of_many<'n>(names: impl Iterator<Item = &'n str>) -> Option<usize> {
    let mut sorted: Vec<(&str, usize)> = names.zip(0..).collect();
    sorted.sort_unstable_by(|a, b| {
        let lengths = a.0.len().cmp(&b.0.len());
        lengths.then_with(|| a.cmp(b))
    });
    sorted
        .windows(2)
        .filter_map(|pair| match pair {
            [(one, _), (two, later)] if one == two => Some(*later),
            _ => None,
        })
        .min()
}

/// A number below 64 from the length and the first byte of a name.
fn shape(name: &str) -> usize {
    let first = name.bytes().next().unwrap_or_default();
    (name.len() * 5 + usize::from(first)) % 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeat(names: &[&str]) -> Option<usize> {
        first_repeat(names, |name| name)
    }

    #[test]
    fn distinct_names_have_no_repeat() {
        assert_eq!(repeat(&[]), None);
        assert_eq!(repeat(&["a"]), None);
        assert_eq!(repeat(&["a", "A", "", "aa"]), None);
    }

    #[test]
    fn the_first_repeat_is_found_in_short_and_long_lists() {
        for length in 2..50 {
            let names: Vec<String> = (0..length).map(|index| format!("n{index}")).collect();
            for earlier in 0..length {
                for later in earlier + 1..length {
                    let mut list: Vec<&str> = names.iter().map(String::as_str).collect();
                    assert_eq!(repeat(&list), None);
                    list[later] = &names[earlier];
                    assert_eq!(repeat(&list), Some(later));
                    list.push(&names[earlier]);
                    assert_eq!(repeat(&list), Some(later));
                }
            }
        }
    }
}
