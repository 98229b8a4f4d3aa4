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

#[test]
fn a_sheet_is_written_as_one_labelled_picture_too() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("all.png");
    let all = path.to_string_lossy().into_owned();
    let output = generate(&folder.path().join("out"), &["--sheet", "strength=0.4,0.8", "--sheet-picture", &all]);
    let told = files(&output);
    assert_eq!((told.len(), told.last()), (3, Some(&path)));
    let whole = open(&path).expect("a picture");
    let one = open(&told[0]).expect("a picture");
    let is_there =
        |dx: u32, dy: u32| one.enumerate_pixels().all(|(x, y, pixel)| whole.get_pixel(x + dx, y + dy) == pixel);
    let places = (0..whole.width() - 63).flat_map(|dx| (0..whole.height() - 63).map(move |dy| (dx, dy)));
    assert!(places.into_iter().any(|(dx, dy)| is_there(dx, dy)), "the first picture is on the sheet, pixel by pixel");
    let wrong = folder.path().join("all.gif").to_string_lossy().into_owned();
    let text = refusal(&generate(folder.path(), &["--sheet", "cfg=2,3", "--sheet-picture", &wrong]));
    assert!(text.contains("gif"), "{text}");
}

#[test]
fn outside_a_mask_the_start_image_is_kept_pixel_by_pixel() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    let start = open(Path::new(EXAMPLE)).expect("the example");
    let start = underpaint::picture::fit(&start, 64, 64, underpaint::picture::Fit::Fill, [255; 3]);
    let mask = image::RgbImage::from_fn(64, 64, |x, _| image::Rgb([if x < 32 { 255 } else { 0 }; 3]));
    for (name, picture) in [("start.png", &start), ("mask.png", &mask), ("black.png", &image::RgbImage::new(64, 64))] {
        std::fs::write(at(name), underpaint::picture::encode_png(picture, None).expect("encodes")).expect("writes");
    }
    let [init, mask, black] =
        ["start.png", "mask.png", "black.png"].map(|name| at(name).to_string_lossy().into_owned());
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(["generate", "--width", "64", "--height", "64", "--steps", "4", "--prompt", "an apple"]);
        command.args(["--seed", "3", "--batch", "2", "--out"]).arg(at("out")).args(more).output().expect("starts")
    };
    for feather in ["0", "8"] {
        let made = files(&run(&["--init", &init, "--mask", &mask, "--feather", feather]));
        let text = read_parameters(&made[1]).expect("parameters");
        assert!(text.contains(&format!("Keep unpainted: True, Feather: {feather}")), "{text}");
        let picture = open(&made[1]).expect("a picture");
        let from = 32 + feather.parse::<u32>().expect("a number");
        let differs = |x: u32| (0..64).any(|y| picture.get_pixel(x, y) != start.get_pixel(x, y));
        assert!((from..64).all(|x| !differs(x)), "feather {feather}");
        assert!((0..32).filter(|x| differs(*x)).count() > 20, "what is white changes");
    }
    // The file carries its start image, and the mask it does not.
    let made = files(&run(&["--init", &init, "--mask", &mask, "--with-start"]));
    let program = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_underpaint")).args(args).arg(&made[1]).output().expect("starts")
    };
    let told = refusal(&program(&["reproduce"]));
    assert!(told.contains("cannot be made again without its mask") && told.contains("--mask"), "{told}");
    let same = program(&["reproduce", "--mask", &mask]);
    assert!(String::from_utf8_lossy(&same.stdout).contains("comes out the same again"), "{same:?}");
    let again = at("again").to_string_lossy().into_owned();
    assert!(
        refusal(&program(&["generate", "--out", &again, "--from"])).contains("cannot be made again without its mask")
    );
    assert!(refusal(&program(&["generate", "--out", &again, "--vary"])).contains("give that with --mask"));
    let more = files(&program(&["generate", "--out", &again, "--mask", &mask, "--from"]));
    assert!(open(&more[0]).expect("a picture") == open(&made[1]).expect("a picture"));

    assert!(refusal(&run(&["--init", &init, "--mask", &black])).contains("The mask is black"));
    assert!(refusal(&run(&["--mask", &mask])).contains("needs a start image"));
}

#[test]
fn a_result_is_varied_with_its_own_settings_and_seed() {
    let folder = tempfile::tempdir().expect("folder");
    let first = files(&generate(&folder.path().join("first"), &["--batch", "1", "--strength", "0.8"])).remove(0);
    let result = first.to_string_lossy().into_owned();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(["generate", "--vary", &result, "--batch", "2", "--out"]).arg(folder.path().join("more"));
        command.args(more).output().expect("starts")
    };
    let made = files(&run(&["--init", EXAMPLE, "--variation-seed", "50"]));
    let texts: Vec<String> = made.iter().map(|file| read_parameters(file).expect("parameters")).collect();
    for (text, seed) in texts.iter().zip(["50", "51"]) {
        assert!(text.starts_with("a green apple\n") && text.contains("Denoising strength: 0.8, "), "{text}");
        assert!(text.contains("Seed: 7, Size: 64x64, "), "{text}");
        assert!(text.contains(&format!("Variation seed: {seed}, Variation seed strength: 0.15")), "{text}");
    }
    let [original, one, other] = [&first, &made[0], &made[1]].map(|file| open(file).expect("a picture"));
    assert!(original != one && one != other);
    // The same as with all settings given.
    let same = ["--strength", "0.8", "--batch", "1", "--variation-seed", "51", "--variation-strength", "0.15"];
    assert!(open(&files(&generate(&folder.path().join("same"), &same))[0]).expect("a picture") == other);
    assert!(refusal(&run(&[])).contains("was made from a start image: give that with --init"));
}
