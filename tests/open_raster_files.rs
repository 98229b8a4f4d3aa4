//! `underpaint flatten`, and what `inspect` says about OpenRaster files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{DynamicImage, RgbaImage};
use underpaint::document::store::Store;
use underpaint::picture::{open, open_with_alpha};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_underpaint")).args(words).output().expect("the program starts")
}

fn flatten(file: &Path, out: &Path) -> Output {
    run(&["flatten", &file.to_string_lossy(), "--out", &out.to_string_lossy()])
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
    text
}

/// The picture that the program which wrote the file made of it.
fn merged(file: &Path) -> RgbaImage {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).expect("opens")).expect("an archive");
    let mut bytes = Vec::new();
    let mut entry = zip.by_name("mergedimage.png").expect("is there");
    std::io::Read::read_to_end(&mut entry, &mut bytes).expect("reads");
    image::load_from_memory(&bytes).expect("a picture").into_rgba8()
}

#[test]
fn layers_are_composed_to_one_png_with_alpha() {
    let folder = tempfile::tempdir().expect("folder");
    for name in ["groups.ora", "modes.ora"] {
        let out = folder.path().join(format!("{name}.png"));
        let output = flatten(&fixture(name), &out);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), out.to_string_lossy());
        let (ours, theirs) = (open_with_alpha(&out).expect("opens"), merged(&fixture(name)));
        assert_eq!(ours.dimensions(), theirs.dimensions());
        let far = ours.pixels().zip(theirs.pixels()).map(|(one, two)| one.0[3].abs_diff(two.0[3])).max();
        assert!(far.is_some_and(|far| far <= 1), "{name}: {far:?}");
        let again = failure(&flatten(&fixture(name), &out));
        assert!(again.contains("exists already"), "{again}");
    }
}

#[test]
fn a_document_is_flattened_to_its_canvas() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("canvas.png");
    let document = fixture("version-5.underpaint");
    let output = flatten(&document, &out);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let canvas = Store::open_read_only(&document).expect("opens").load().expect("loads").canvas;
    assert!(open(&out).expect("opens").into_raw() == canvas.to_rgb());
}

#[test]
fn what_cannot_be_flattened_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.ora"), "no archive").expect("writes");
    let picture = DynamicImage::new_rgb8(8, 8);
    picture.save(path("plain.png")).expect("writes");
    for (file, out, expected) in [
        (path("text.ora"), path("a.png"), "is neither an OpenRaster picture (.ora) nor a document (.underpaint)."),
        (path("plain.png"), path("a.png"), "is neither an OpenRaster picture"),
        (path("missing.ora"), path("a.png"), "missing.ora could not be read: it does not exist."),
        (fixture("modes.ora"), path("a.jpg"), "is no name for a PNG; end it in .png."),
        (fixture("modes.ora"), path("no/such/a.png"), "could not be written: it does not exist."),
    ] {
        let text = failure(&flatten(&file, &out));
        assert!(text.contains(expected), "{text}");
    }
    assert!(!path("a.png").exists());
    let text = String::from_utf8_lossy(&run(&["flatten", "x.ora"]).stderr).into_owned();
    assert!(text.contains("--out PNG"), "{text}");
}

#[test]
fn inspect_lists_the_layers_and_what_would_not_be_kept() {
    let file = fixture("groups.ora");
    let output = run(&["inspect", &file.to_string_lossy()]);
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "groups.ora is an OpenRaster picture of 40 by 40 pixels with 6 layers in 2 groups.");
    assert_eq!(lines[1..4], ["  hidden (hidden)", "  clipped (group)", "    atop (clipped)"]);
    assert!(lines.contains(&"  isolated (group, multiply, 70 %)"), "{text}");

    let output = run(&["inspect", "--json", &file.to_string_lossy()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((report["kind"].as_str(), report["width"].as_u64()), (Some("open_raster"), Some(40)));
    assert_eq!(report["layers"].as_array().map(Vec::len), Some(8));
    assert_eq!(report["layers"][2]["clipped"], true);

    let folder = tempfile::tempdir().expect("folder");
    let broken = folder.path().join("broken.ora");
    let bytes = std::fs::read(&file).expect("reads");
    std::fs::write(&broken, &bytes[..1000]).expect("writes");
    let output = run(&["inspect", &broken.to_string_lossy()]);
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("could not be opened as an OpenRaster picture") && text.lines().count() == 1, "{text}");
}
