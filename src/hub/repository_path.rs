//! Which paths of files and names of revisions are safe to use below a folder.

/// Whether a path inside a repository, or the name of a revision, stays inside the folder that it is joined to: parts
/// separated by `/`, none of them empty, `.` or `..`, without characters that Windows or a terminal takes for more.
pub(super) fn is_safe(path: &str) -> bool {
    let refused = |c: char| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.ends_with(['.', ' ']);
    path.len() <= 1024 && !path.contains(refused) && path.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn a_path_that_leaves_its_folder_is_refused() {
        for good in ["unet/config.json", "main", "refs/pr/1", "v1.5 (pruned).safetensors", "Größe.bin", "..a/b"] {
            assert!(is_safe(good), "{good}");
        }
        let bad =
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "a/.", "C:x", "a\\b", "a\nb", "con.", "a\0"];
        for bad in bad {
            assert!(!is_safe(bad), "{bad:?}");
        }
    }
}
