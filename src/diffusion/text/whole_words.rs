//! Where names stand in a text as whole words.
//!
//! A name is a word, or several with spaces between them. Letters, digits and `_` make words; anything
//! else may stand beside them. Case does not matter, since CLIP's tokens have none.

/// The first place at or after `from` where one of `names` stands in `text`: the index of the name, and its
/// bytes. Where several begin at one place, the earlier name of the list wins.
pub(in crate::diffusion) fn find_word<'a>(
    text: &str,
    from: usize,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<(usize, std::ops::Range<usize>)> {
    text.get(from..)?
        .char_indices()
        .map(|(at, _)| from + at)
        .find_map(|at| names.clone().enumerate().find_map(|(index, name)| Some((index, at..ends(text, at, name)?))))
}

/// Where the name ends that stands at this place as a whole word.
fn ends(text: &str, at: usize, name: &str) -> Option<usize> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let name = name.trim();
    let first = name.chars().next()?;
    if part_of_word(first) && text[..at].chars().next_back().is_some_and(part_of_word) {
        return None;
    }
    let mut rest = &text[at..];
    let mut wanted = name.chars().peekable();
    let mut last = first;
    while let Some(c) = wanted.next() {
        if c.is_whitespace() {
            // Any space stands for any other.
            while wanted.next_if(|c| c.is_whitespace()).is_some() {}
            let after = rest.trim_start();
            if after.len() == rest.len() {
                return None;
            }
            rest = after;
            continue;
        }
        let own = rest.chars().next()?;
        if !own.to_lowercase().eq(c.to_lowercase()) {
            return None;
        }
        (rest, last) = (&rest[own.len_utf8()..], own);
    }
    let inside = part_of_word(last) && rest.chars().next().is_some_and(part_of_word);
    (!inside).then_some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that stand in a text, in its order.
    fn read<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
        let (mut from, mut found) = (0, Vec::new());
        while let Some((index, place)) = find_word(text, from, names.iter().copied()) {
            found.push(names[index]);
            from = place.end;
        }
        found
    }

    #[test]
    fn names_are_found_as_whole_words_alone() {
        for text in [
            "ink",
            "(ink:1.2)",
            "an INK apple",
            "[ink]",
            "ink,",
            "{ink}",
            "a-ink.",
            "\"ink\"",
            "ink's",
            "<ink>",
            "苹 ink",
        ] {
            assert_eq!(read(text, &["ink"]), ["ink"], "{text}");
        }
        for text in ["drinking", "inky", "pink", "ink2", "2ink", "ink_wash", "_ink", "苹ink", "éink", "i nk", "in", ""]
        {
            assert!(read(text, &["ink"]).is_empty(), "{text}");
        }
    }

    #[test]
    fn longer_names_and_names_with_spaces_and_marks_are_found() {
        assert_eq!(read("ink wash, ink", &["ink wash", "ink"]), ["ink wash", "ink"]);
        assert_eq!(read("Ink \n Wash", &["ink wash"]), ["ink wash"]);
        assert_eq!(read("inkwash", &["ink wash"]), Vec::<&str>::new());
        assert_eq!(read("bad-hands-5 (v2!)", &["bad-hands-5", "(v2!)"]), ["bad-hands-5", "(v2!)"]);
        assert_eq!(read("<cat-toy> <cat-toy>", &["<cat-toy>"]), ["<cat-toy>", "<cat-toy>"]);
        assert_eq!(read("ÄPFEL", &["äpfel"]), ["äpfel"]);
        assert_eq!(read("a", &["", " "]), Vec::<&str>::new());
    }
}
