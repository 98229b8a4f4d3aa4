//! Pictures written as chosen, made again from their files, and compared, on the starter model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use underpaint::picture::{Attached, Encoding, FileKind, encode_with, open, read_parameters, read_start_image};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_underpaint")).args(args).output().expect("the program starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A small job from the example sketch.
fn generate(out: &Path, more: &[&str]) -> Vec<PathBuf> {
    let small = ["generate", "--width", "128", "--height", "96", "--steps", "3", "--prompt", "a green apple"];
    let output = run(&[&small[..], &["--init", EXAMPLE, "--out", text(out)], more].concat());
    told(&output).into_iter().map(PathBuf::from).collect()
}

fn told(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(String::from).collect()
}

/// The one sentence of a command that must have failed with this status.
fn failure(output: &Output, status: i32) -> String {
    let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(status), "{error}");
    error
}

#[test]
fn pictures_are_written_in_the_chosen_format_under_the_chosen_name() {
    let folder = tempfile::tempdir().expect("folder");
    let name = |file: &PathBuf| file.file_name().expect("a name").to_string_lossy().into_owned();
    let args =
        ["--batch", "2", "--seed", "5", "--format", "jpeg", "--quality", "80", "--name", "{prompt} {size} {index}"];
    let jpegs = generate(folder.path(), &args);
    assert_eq!(
        jpegs.iter().map(name).collect::<Vec<_>>(),
        ["a green apple 128x96 1.jpg", "a green apple 128x96 2.jpg"]
    );
    assert!(std::fs::read(&jpegs[0]).expect("reads").starts_with(b"\xff\xd8\xff"));
    assert!(read_parameters(&jpegs[1]).expect("settings").contains("Seed: 6,"));
    for expected in ["x-5.webp", "x-5-2.webp"] {
        let webps = generate(folder.path(), &["--batch", "1", "--seed", "5", "--format", "webp", "--name", "x-{seed}"]);
        assert_eq!(name(&webps[0]), expected, "nothing is written over");
        assert!(read_parameters(&webps[0]).expect("settings").contains("Seed: 5,"));
    }
    let refused = run(&["generate", "--prompt", "x", "--out", text(folder.path()), "--name", "{nonsense}"]);
    assert!(failure(&refused, 2).contains("{nonsense} is not a word of file names"));
    let refused = run(&["generate", "--prompt", "x", "--out", text(folder.path()), "--quality", "5"]);
    assert!(failure(&refused, 1).contains("--format jpg"));
}

#[test]
fn a_picture_that_carries_its_start_image_is_made_again_from_its_file_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let settings = ["--seed", "9", "--batch", "2", "--strength", "0.6", "--sampler", "euler-a", "--with-start"];
    let first = generate(folder.path(), &settings);
    let start = read_start_image(&first[1]).expect("it carries its start image");
    assert_eq!(start.dimensions(), (128, 96));
    let out = folder.path().join("again");
    let again = told(&run(&["generate", "--from", text(&first[1]), "--out", text(&out)]));
    assert_eq!(again.len(), 1, "one picture and not a batch");
    let again = Path::new(&again[0]);
    assert!(open(again).expect("opens") == open(&first[1]).expect("opens"), "the same pixels");
    assert_eq!(read_parameters(again), read_parameters(&first[1]), "and the same settings");
    // An option says otherwise.
    let other = told(&run(&["generate", "--from", text(&first[1]), "--out", text(&out), "--prompt", "a red brick"]));
    assert!(
        read_parameters(Path::new(&other[0])).expect("settings").starts_with("a red brick\nSteps: 3, Sampler: Euler a")
    );

    let without = generate(folder.path(), &["--batch", "1"]);
    let refused = run(&["generate", "--from", text(&without[0]), "--out", text(&out)]);
    let told = failure(&refused, 1);
    assert!(told.contains("does not carry it. Give that picture with --init."), "{told}");
    let refused = run(&["generate", "--from", EXAMPLE, "--out", text(&out)]);
    assert!(failure(&refused, 1).contains("does not say how it was made"));
}

#[test]
fn reproduce_says_whether_a_picture_is_the_same_and_what_differs() {
    let folder = tempfile::tempdir().expect("folder");
    let reproduce = |file: &Path, more: &[&str]| run(&[&["reproduce", text(file)], more].concat());
    let f32 = generate(folder.path(), &["--seed", "3", "--batch", "1", "--with-start", "--dtype", "f32"]);
    let same = reproduce(&f32[0], &["--dtype", "f32", "--threads", "1"]);
    assert_eq!(told(&same), ["The picture comes out the same again, to the last pixel."]);

    let bf16 = reproduce(&f32[0], &["--dtype", "bf16", "--json"]);
    assert_eq!(bf16.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&bf16.stdout).expect("one JSON object");
    assert_eq!((&report["same"], &report["pixels"]), (&false.into(), &(128 * 96).into()));
    assert!(report["largest_difference"].as_u64().is_some_and(|largest| largest > 0));
    let differs = &report["computed_differently"][0];
    assert_eq!(
        (&differs["what"], &differs["first"], &differs["second"]),
        (&"precision".into(), &"f32".into(), &"bf16".into())
    );
    assert_eq!(report["made_with"]["model"], report["makes_with"]["model"]);
    assert!(report["makes_with"]["model"].as_str().is_some_and(|fingerprint| fingerprint.len() == 16));

    // A start image of another size inside the file, and a setting that does not exist here.
    let text = read_parameters(&f32[0]).expect("settings");
    let mut picture = open(&f32[0]).expect("opens");
    let start = read_start_image(&f32[0]).expect("it carries one");
    let odd = folder.path().join("odd.png");
    let write = |picture: &image::RgbImage, text: &str, start: &image::RgbImage| {
        let attached = Attached { settings: Some(text), start: Some(start), ..Attached::default() };
        std::fs::write(&odd, encode_with(picture, Encoding::from(FileKind::Png), attached).expect("encodes"))
            .expect("writes");
    };
    write(&picture, &text, &image::RgbImage::new(64, 64));
    let told_to = failure(&reproduce(&odd, &[]), 2);
    assert!(told_to.contains("has 64 by 64 pixels, and the picture was made at 128 by 96"), "{told_to}");
    // As another program would have made it.
    picture.put_pixel(3, 3, image::Rgb([1, 2, 3]));
    write(&picture, &text.replace(", Version", ", ControlNet 0: lines, Version"), &start);
    let output = reproduce(&odd, &["--dtype", "f32"]);
    let sentence = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(sentence.contains("ControlNet 0 (lines): this is not a value for it"), "{sentence}");

    // A file without its start image, which is given; and a JPEG, whose pixels are not what was made.
    let webp = generate(folder.path(), &["--seed", "3", "--batch", "1", "--format", "webp", "--fit", "stretch"]);
    let told_to = failure(&reproduce(&webp[0], &[]), 2);
    assert!(told_to.contains("Give that picture with --init"), "{told_to}");
    let jpeg = generate(folder.path(), &["--seed", "3", "--batch", "1", "--format", "jpg"]);
    let output = reproduce(&jpeg[0], &["--init", EXAMPLE]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("It was saved as a JPEG"));
    assert!(failure(&reproduce(Path::new(EXAMPLE), &[]), 2).contains("does not say how it was made"));
    assert!(failure(&reproduce(Path::new("/no/such.png"), &[]), 2).contains("does not exist"));
}
