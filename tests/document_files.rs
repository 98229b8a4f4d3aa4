//! Documents on the command line: rounds added, listed, exported, checked and salvaged, on the starter model.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use underpaint::document::store::Store;
use underpaint::picture::{open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

fn underpaint(args: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_underpaint")).args(args).output().expect("the program starts")
}

fn run(words: &str, file: &Path, more: &[&str]) -> Output {
    let mut args: Vec<&OsStr> = words.split(' ').map(OsStr::new).collect();
    args.push(file.as_os_str());
    args.extend(more.iter().map(OsStr::new));
    underpaint(&args)
}

/// Lines on standard output of a command that must have succeeded.
fn told(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(String::from).collect()
}

/// The one sentence of a command that must have failed.
fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
    text
}

fn tree(file: &Path) -> Value {
    let output = run("rounds", file, &["--json"]);
    serde_json::from_str(&told(&output).join("\n")).expect("one JSON object")
}

/// Small and quick.
const SMALL: [&str; 6] = ["--width", "128", "--height", "64", "--steps", "3"];

/// A document with one round of two results, made from the example.
fn made() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("apple.underpaint");
    let begin = ["--init", EXAMPLE, "--prompt", "a green apple", "--seed", "7", "--batch", "2"];
    let output = run("generate --document", &file, &[&begin[..], &SMALL].concat());
    let lines = told(&output);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], format!("{}: result 2 of round 1", file.display()));
    (folder, file)
}

#[test]
fn a_document_is_begun_with_a_picture_and_each_call_adds_a_round() {
    let (folder, file) = made();
    // Prompt, size and steps are the document's now; its canvas, which is as it was, is the start image.
    let out = folder.path().join("pictures").to_string_lossy().into_owned();
    let more = ["--batch", "1", "--seed", "9", "--negative", "blurry", "--out", &out, "--json"];
    let lines = told(&run("generate --document", &file, &more));
    let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let event = events.iter().find(|event| event["event"] == "made").expect("made");
    assert_eq!((event["round"].as_u64(), event["seed"].as_u64()), (Some(2), Some(9)));
    let written = PathBuf::from(event["file"].as_str().expect("a file"));
    assert_eq!(open(&written).expect("a picture").dimensions(), (128, 64));
    // From another picture, and from noise alone.
    told(&run("generate --document", &file, &["--init", EXAMPLE, "--batch", "1", "--seed", "1"]));
    told(&run("generate --document", &file, &["--strength", "1", "--batch", "1", "--prompt", "a pear"]));

    let tree = tree(&file);
    assert_eq!((&tree["canvas"]["width"], &tree["canvas"]["height"]), (&128.into(), &64.into()));
    let rounds = tree["rounds"].as_array().expect("rounds");
    assert_eq!(rounds.len(), 4);
    let prompts: Vec<&str> = rounds.iter().filter_map(|round| round["settings"]["prompt"].as_str()).collect();
    assert_eq!(prompts, ["a green apple", "a green apple", "a green apple", "a pear"]);
    assert_eq!((&rounds[1]["settings"]["negative"], &rounds[1]["settings"]["steps"]), (&"blurry".into(), &3.into()));
    assert_eq!(tree["settings"]["negative"], "", "an option holds for its round");
    assert_eq!(rounds[0]["start"]["picture"], rounds[1]["start"]["picture"], "the canvas is as it was");
    assert!(rounds[3]["start"].is_null());
    let result = &rounds[1]["results"][0];
    assert_eq!(result["file"].as_str(), written.to_str());
    assert_eq!((rounds[0]["results"].as_array().map(Vec::len), result["seed"].as_u64()), (Some(2), Some(9)));

    let text = told(&run("rounds", &file, &[])).join("\n");
    for words in [
        "a canvas of 128 by 64 pixels, 4 rounds, 5 results",
        "round 1 from a drawing: a green apple",
        "steps 3, Euler Exponential",
        "result 2: seed 8",
        "negative prompt: blurry",
        "round 4 from noise alone: a pear",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let checked = told(&run("check", &file, &[])).join("\n");
    assert!(checked.ends_with("holds 4 rounds, 5 results and 6 pictures; nothing is wrong."), "{checked}");
}

#[test]
fn an_export_has_every_picture_under_a_name_that_says_what_it_is() {
    let (folder, file) = made();
    let out = folder.path().join("out");
    let output = run("export", &file, &["--out", &out.to_string_lossy()]);
    assert_eq!(told(&output).len(), 5);
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .expect("lists")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        "canvas.png",
        "document.json",
        "round-001-result-1-seed-7.png",
        "round-001-result-2-seed-8.png",
        "round-001-start.png",
    ];
    assert_eq!(names, expected);
    assert!(open(&out.join("canvas.png")).expect("opens") == open(&out.join("round-001-start.png")).expect("opens"));
    let settings = read_parameters(&out.join("round-001-result-2-seed-8.png")).expect("settings");
    assert!(settings.starts_with("a green apple\nSteps: 3") && settings.contains("Seed: 8,"), "{settings}");
    let json = std::fs::read_to_string(out.join("document.json")).expect("reads");
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), tree(&file));
    // Nothing is written over, and nothing half exported.
    std::fs::remove_file(out.join("canvas.png")).expect("removes");
    let text = failure(&run("export", &file, &["--out", &out.to_string_lossy()]));
    assert!(text.contains("exists already") && !out.join("canvas.png").exists(), "{text}");
}

#[test]
fn inspect_says_what_a_document_is_and_no_command_leaves_files_beside_it() {
    let (folder, file) = made();
    let text = told(&run("inspect", &file, &[])).join("\n");
    for words in [
        "apple.underpaint is an underpaint document with a canvas of 128 by 64 pixels, 1 round and 2 results.",
        "version of the file: ",
        "quick check: nothing is wrong",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json: Value = serde_json::from_str(&told(&run("inspect --json", &file, &[]))[0]).expect("JSON");
    assert_eq!((&json["kind"], &json["usable"], &json["rounds"]), (&"document".into(), &true.into(), &1.into()));
    assert_eq!((&json["quick_check"], &json["width"]), (&"ok".into(), &128.into()));
    // A document that was begun in vain leaves nothing either.
    let new = folder.path().join("new.underpaint");
    failure(&run("generate --document", &new, &["--init", EXAMPLE, "--prompt", "x", "--model", "/no/such"]));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("lists").map(|e| e.expect("entry").file_name()).collect();
    assert!(!cfg!(unix) || names == ["apple.underpaint"], "{names:?}");

    // A damaged one is described in plain words.
    let mut bytes = std::fs::read(&file).expect("reads");
    let middle = bytes.len() / 2;
    bytes[100..].iter_mut().skip(3900).take(middle).for_each(|byte| *byte ^= 0x55);
    std::fs::write(&file, &bytes).expect("writes");
    let output = run("inspect", &file, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("damaged") && !text.contains("malformed") && !text.contains("(11)"), "{text}");
}

#[test]
fn names_of_exported_pictures_never_differ_in_case_only() {
    let (folder, file) = made();
    let out = folder.path().join("out").to_string_lossy().into_owned();
    let more = ["--out", &out, "--format", "png", "--name", "CANVAS"];
    let lines = told(&run("export", &file, &more));
    let mut names: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), lines.len(), "{lines:?}");
    let sheet = folder.path().join("s.png").to_string_lossy().into_owned();
    let refused = run("export", &file, &["--contact-sheet", &sheet, "--format", "jpg"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--out DIR") && !Path::new(&sheet).exists());
}

#[test]
fn a_damaged_document_is_told_and_what_is_left_is_saved() {
    let (folder, file) = made();
    // A byte in the middle of a result's picture, as a failing disk might leave it.
    let store = Store::open_read_only(&file).expect("opens");
    let picture = store.load().expect("loads").rounds[0].results[1].picture;
    let png = store.picture(picture).expect("reads");
    drop(store);
    let mut bytes = std::fs::read(&file).expect("reads");
    let middle = &png[png.len() / 2..][..48];
    let at = bytes.windows(48).position(|window| window == middle).expect("it is in the file");
    bytes[at] ^= 0x55;
    std::fs::write(&file, &bytes).expect("writes");
    let output = run("check", &file, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(&format!("The picture {picture} is not what was written.")), "{text}");
    assert!(text.contains("found."), "{text}");
    let new = folder.path().join("saved.underpaint");
    let lines = told(&run("check", &file, &["--salvage", &new.to_string_lossy()]));
    assert!(lines.last().is_some_and(|line| line.contains("saved.underpaint holds 1 round, 1 result")), "{lines:?}");
    assert!(told(&run("check", &new, &[]))[0].ends_with("nothing is wrong."));
    assert!(std::fs::read(&file).expect("reads") == bytes, "the damaged file is as it was");
    let text = failure(&run("check", &file, &["--salvage", &new.to_string_lossy()]));
    assert!(text.contains("something of this name already"), "{text}");
}

#[test]
fn what_cannot_be_used_is_one_sentence() {
    let (folder, file) = made();
    let foreign = folder.path().join("list.underpaint");
    std::fs::write(&foreign, "eggs, milk").expect("writes");
    let missing = folder.path().join("missing.underpaint");
    for command in ["rounds", "check", "generate --prompt x --document"] {
        let text = failure(&run(command, &foreign, &[]));
        assert!(text.contains("it is some other file and not an underpaint document."), "{command}: {text}");
    }
    assert!(failure(&run("rounds", &missing, &[])).contains("it does not exist"));
    assert!(failure(&run("generate --document", &missing, &[])).contains("Give --init with a picture"));
    let text = failure(&run("generate --document", &missing, &["--init", EXAMPLE]));
    assert!(text.contains("needs a prompt"), "{text}");
    assert!(!missing.exists());
    assert_eq!(std::fs::read_to_string(&foreign).expect("reads"), "eggs, milk");

    // Open in another program.
    let store = Store::open(&file).expect("opens");
    assert_eq!(store.read_only(), None);
    assert!(failure(&run("generate --document", &file, &["--batch", "1"])).contains("open in another window"));
    assert_eq!(tree(&file)["rounds"].as_array().map(Vec::len), Some(1), "it can be looked at");
    drop(store);
}

#[test]
fn export_writes_other_formats_a_contact_sheet_and_a_time_lapse() {
    let (folder, file) = made();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let out = path("jpegs");
    let more = ["--out", &out, "--format", "jpg", "--quality", "70", "--name", "{prompt}"];
    let mut names: Vec<String> =
        told(&run("export", &file, &more)).iter().map(|line| line[out.len() + 1..].into()).collect();
    names.sort();
    let expected = ["a green apple-2.jpg", "a green apple.jpg", "canvas.png", "document.json", "round-001-start.png"];
    assert_eq!(names, expected);
    assert!(read_parameters(Path::new(&format!("{out}/a green apple-2.jpg"))).expect("settings").contains("Seed: 8,"));
    let pngs = path("pngs");
    told(&run("export", &file, &["--out", &pngs, "--with-start"]));
    let result = PathBuf::from(format!("{pngs}/round-001-result-1-seed-7.png"));
    assert!(underpaint::picture::read_start_image(&result).is_some());
    let again = told(&run("generate --from", &result, &["--out", &path("again")]));
    assert!(open(Path::new(&again[0])).expect("opens") == open(&result).expect("opens"), "it is made again");

    let (sheet, lapse) = (path("sheet.png"), path("lapse.gif"));
    let lines = told(&run("export", &file, &["--contact-sheet", &sheet]));
    assert_eq!(lines, std::slice::from_ref(&sheet), "without --out nothing else is written");
    let picture = open(Path::new(&sheet)).expect("opens");
    assert!(picture.width() > 2 * 128 && picture.height() > 64);
    assert!(failure(&run("export", &file, &["--contact-sheet", &sheet])).contains("already"), "not written over");
    assert!(
        failure(&run("export", &file, &["--contact-sheet", &path("x.png"), "--round", "9"])).contains("no round 9")
    );
    let short = failure(&run("export", &file, &["--time-lapse", &lapse, "--seconds", "2", "--size", "100"]));
    assert!(short.contains("Paint first"), "{short}");
    assert!(failure(&run("export", &file, &["--time-lapse", &path("x.webp")])).contains("end it in .gif or .png"));
}

/// Whoever may not write a document can look at it and is told so; an administrator, who may write everything, tries
/// it as somebody else.
#[test]
#[cfg(unix)]
fn a_document_that_may_only_be_read_is_not_written_and_nothing_of_it_changes() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let (folder, file) = made();
    let mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("sets");
    };
    // The program lies where everybody may start it.
    let program = folder.path().join("underpaint");
    std::fs::hard_link(env!("CARGO_BIN_EXE_underpaint"), &program)
        .or_else(|_| std::fs::copy(env!("CARGO_BIN_EXE_underpaint"), &program).map(|_| ()))
        .expect("copies");
    let is_administrator = std::fs::metadata(folder.path()).expect("about").uid() == 0;
    let run = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.args(words).env("HOME", folder.path());
        if is_administrator {
            command.uid(NOBODY);
        }
        command.output().expect("the program starts")
    };
    let name = file.to_string_lossy().into_owned();
    let _ = std::fs::remove_file(folder.path().join(".apple.underpaint.lock"));
    mode(&file, 0o444);
    let before = std::fs::read(&file).expect("reads");
    // Neither the file nor its folder may be written; then the folder may.
    for permissions in [0o555, 0o777] {
        mode(folder.path(), permissions);
        assert!(told(&run(&["rounds", &name])).iter().any(|line| line.contains("a green apple")));
        let text = failure(&run(&["generate", "--document", &name, "--batch", "1"]));
        assert!(text.contains("cannot be written, so it can only be looked at here"), "{permissions:o}: {text}");
        assert!(std::fs::read(&file).expect("reads") == before);
    }
    mode(folder.path(), 0o755);
}
