//! Which of a server's files a name means.

/// The file of a list that a name means: the whole name, or without folder and ending, in any case.
pub(super) fn file_named<'a>(files: &'a [String], name: &str) -> Option<&'a str> {
    let by = |is: &dyn Fn(&str) -> bool| files.iter().map(String::as_str).find(|file| is(file));
    by(&|file| file == name)
        .or_else(|| by(&|file| last(file) == name || stem(file) == name))
        .or_else(|| by(&|file| stem(file).eq_ignore_ascii_case(name)))
}

/// A file's name without folder.
fn last(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// A file's name without folder and ending.
pub(super) fn stem(file: &str) -> &str {
    let file = last(file);
    let known = [".safetensors", ".ckpt", ".sft", ".pth", ".pt", ".bin"];
    known.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_path_its_name_or_its_stem() {
        let files = ["dream.safetensors".to_owned(), "sub/Other.ckpt".into(), "deep\\ink.pt".into()];
        let found = |name: &str| file_named(&files, name);
        assert_eq!((found("dream"), found("sub/Other.ckpt")), (Some("dream.safetensors"), Some("sub/Other.ckpt")));
        assert_eq!((found("other"), found("ink")), (Some("sub/Other.ckpt"), Some("deep\\ink.pt")));
        assert_eq!((found("drea"), found("")), (None, None));
    }
}
