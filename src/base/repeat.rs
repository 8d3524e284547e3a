//! The first name that occurs twice, in near-linear time whatever the names.

/// Lists this short are compared pair by pair, which is faster than to sort them.
const FEW: usize = 16;

/// The position of the first name that stands earlier in the list already; names compare exactly.
///
/// A long list is sorted, not hashed: the time is bounded even where a platform has no random hash
/// keys and the names were chosen to collide.
pub(crate) fn first_repeat<'n, T: 'n>(
    list: &'n [T],
    name: impl Fn(&'n T) -> &'n str,
) -> Option<usize> {
    if list.len() <= FEW {
        return (1..list.len()).find(|&later| {
            let (before, rest) = list.split_at(later);
            rest.first()
                .is_some_and(|item| before.iter().any(|other| name(other) == name(item)))
        });
    }
    let mut sorted: Vec<(&str, usize)> = list.iter().map(name).zip(0..).collect();
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
        for length in 2..60 {
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
