//! Sheets, variations and masks on the command line, on the starter model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use underpaint::picture::{open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// A job as small as can be.
fn generate(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--width", "64", "--height", "64", "--steps", "4", "--prompt", "a green apple"]);
    command.args(["--init", EXAMPLE, "--seed", "7", "--out"]).arg(out).args(more);
    command.output().expect("the program starts")
}

fn files(output: &Output) -> Vec<PathBuf> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_sheet_makes_a_picture_for_each_pair_of_values() {
    let folder = tempfile::tempdir().expect("folder");
    let output = generate(&folder.path().join("sheet"), &["--sheet", "strength=0.4,0.8", "cfg=1-3 (+2)"]);
    let made = files(&output);
    assert_eq!(made.len(), 4);
    let text = |file: &Path| read_parameters(file).expect("parameters");
    for (file, said) in made.iter().zip([("1", "0.4"), ("1", "0.8"), ("3", "0.4"), ("3", "0.8")]) {
        let text = text(file);
        assert!(text.contains(&format!("CFG scale: {}, Seed: 7, ", said.0)), "{text}");
        assert!(text.contains(&format!("Denoising strength: {}, ", said.1)), "{text}");
    }
    let alone = ["--batch", "1", "--strength", "0.8", "--cfg", "3", "--threads", "1"];
    let alone = files(&generate(&folder.path().join("alone"), &alone));
    assert!(open(&made[3]).expect("a picture") == open(&alone[0]).expect("a picture"));
}

#[test]
fn a_sheet_that_cannot_be_made_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().expect("folder");
    for (more, told) in [
        (&["--sheet", "charm=1,2"][..], "the settings of a sheet are strength, cfg,"),
        (&["--sheet", "strength"], "SETTING=VALUES"),
        (&["--sheet", "strength=much"], "\"much\" is not a value of Denoising strength"),
        (&["--sheet", "cfg=1-9", "cfg=2,3"], "both CFG scale"),
        (&["--sheet", "seed=1-65"], "65 pictures"),
        (&["--sheet", "strength=0.5,1.5"], "denoising strength must lie between 0 and 1, not 1.5"),
        (&["--sheet", "cfg=2,3", "--batch", "2"], "cannot be used with"),
    ] {
        let text = refusal(&generate(folder.path(), more));
        assert!(text.contains(told), "{more:?}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0);
}
