//! The licences of the program and of everything inside it.

/// The notices that ship with the program: its own licence, then those of its data, fonts and libraries.
///
/// Plain text of some 3,000 lines. The part about libraries is written by `assets/licenses/collect.py`.
pub fn text() -> &'static str {
    concat!(
        "underpaint ",
        env!("CARGO_PKG_VERSION"),
        "\n\n",
        include_str!("../LICENSE"),
        "\n\n",
        include_str!("../assets/licenses/bundled.txt"),
        "\n\n",
        include_str!("../assets/licenses/dependencies.txt"),
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::text;

    /// The packages that this build of the program consists of, as `name version`.
    fn packages() -> Vec<String> {
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let tree = ["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none", "-f", "{p}"];
        let output = Command::new(cargo).current_dir(env!("CARGO_MANIFEST_DIR")).args(tree).output().expect("starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let listed = String::from_utf8(output.stdout).expect("UTF-8");
        // "serde v1.0.229", or with more behind it: " (proc-macro)", " (*)".
        let parts = listed.lines().filter_map(|line| line.split_once(" v"));
        parts.map(|(name, rest)| format!("{name} {}", rest.split(' ').next().unwrap_or_default())).collect()
    }

    #[test]
    fn licenses_have_an_entry_for_every_package_in_the_program() {
        let packages = packages();
        assert!(packages.len() > 100, "cargo tree names {} packages only", packages.len());
        let has_entry = |package: &String| text().lines().any(|line| line.starts_with(&format!("{package}: ")));
        let others = packages.iter().filter(|package| !package.starts_with("underpaint "));
        let missing: Vec<_> = others.filter(|package| !has_entry(package)).collect();
        assert!(missing.is_empty(), "no notice for {missing:?}; run python3 assets/licenses/collect.py");
    }

    #[test]
    fn licenses_name_everything_that_is_not_a_library() {
        for part in ["CLIP", "OpenAI", "Fluent Emoji", "emojibase-data", "Ubuntu Light", "Noto Emoji", "Hack", "Rust"] {
            assert!(text().contains(part), "{part} is not named");
        }
        let texts = text().to_lowercase();
        for title in
            ["sil open font license", "ubuntu font licence", "bitstream vera license", "mozilla public license"]
        {
            assert!(texts.contains(title), "the text of the {title} is missing");
        }
    }
}
