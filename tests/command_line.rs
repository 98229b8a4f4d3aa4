//! The program without a window, from arguments to PNG files, on the starter model.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use underpaint::picture::{encode_png, open, read_parameters};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/example.png");

/// A small job: 256 pixels, few steps.
fn generate(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--width", "256", "--height", "256", "--steps", "4", "--prompt", "a green apple"]);
    command.args(["--out".as_ref(), out.as_os_str()]).args(more);
    command.output().expect("the program starts")
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(String::from).collect()
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
    text
}

#[test]
fn a_sketch_becomes_pictures_that_say_how_they_were_made() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("pictures");
    let classic = ["--sampler", "dpm++2m-karras", "--cfg", "11", "--strength", "0.75"];
    let settings = ["--init", EXAMPLE, "--batch", "2", "--seed", "4294967295", "--negative", "blurry"];
    let output = generate(&out, &[&settings[..], &classic].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files: Vec<PathBuf> = lines(&output.stdout).into_iter().map(PathBuf::from).collect();
    assert_eq!(files.len(), 2);
    let pictures: Vec<_> = files.iter().map(|f| open(f).expect("a picture")).collect();
    assert!(pictures.iter().all(|p| p.dimensions() == (256, 256)));
    assert!(pictures[0] != pictures[1], "two seeds, two pictures");
    let text = read_parameters(&files[0]).expect("parameters");
    let model_line = text.lines().last().expect("settings");
    assert!(text.starts_with("a green apple\nNegative prompt: blurry\nSteps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 11, Seed: 4294967295, Size: 256x256, Model: starter, Denoising strength: 0.75, Version: underpaint"), "{text}");
    assert!(model_line.contains("Seed: 4294967295"));
    // The seed after the largest is 0.
    assert!(read_parameters(&files[1]).expect("parameters").contains("Seed: 0,"));
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(progress.contains("image 2 of 2, step 4 of 4"), "{progress}");
    let left: Vec<_> = std::fs::read_dir(&out).expect("list").collect();
    assert_eq!(left.len(), 2, "nothing temporary stays");
}

#[test]
fn steps_sampler_scale_and_strength_are_the_models_own_unless_given() {
    let folder = tempfile::tempdir().expect("folder");
    let text = |name: &str, more: &[&str]| {
        let output = generate(&folder.path().join(name), &[&["--init", EXAMPLE, "--batch", "1"], more].concat());
        read_parameters(Path::new(&lines(&output.stdout)[0])).expect("parameters")
    };
    let suggested =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter/underpaint.json"));
    let suggested: serde_json::Value = serde_json::from_str(&suggested.expect("the file")).expect("JSON");
    let plain = generate_plain(
        &folder.path().join("own"),
        &["--init", EXAMPLE, "--batch", "1", "--width", "64", "--height", "64"],
    );
    let own = read_parameters(Path::new(&lines(&plain.stdout)[0])).expect("parameters");
    assert!(own.contains(&format!("CFG scale: {}, ", suggested["cfg_scale"])), "{own}");
    assert!(own.contains(&format!("Denoising strength: {}, ", suggested["strength"])), "{own}");
    assert!(own.contains(&format!("Steps: {}, ", suggested["steps"])), "{own}");
    assert_eq!(suggested["sampler"], "euler-exponential");
    assert!(own.contains("Sampler: Euler, Schedule type: Exponential, "), "{own}");
    let given = text("given", &["--cfg", "9.5", "--strength", "0.3", "--sampler", "heun-karras"]);
    assert!(given.contains("CFG scale: 9.5, ") && given.contains("Denoising strength: 0.3, "), "{given}");
    assert!(given.contains("Sampler: Heun, Schedule type: Karras, "), "{given}");
    let spaced = text("spaced", &["--schedule", "karras"]);
    assert!(spaced.contains("Steps: 4, Sampler: Euler, Schedule type: Karras, "), "{spaced}");
}

#[test]
fn the_same_seed_gives_the_same_picture_alone_in_a_batch_and_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("folder");
    let picture = |name: &str, more: &[&str], which: usize| {
        let output = generate(&folder.path().join(name), &[&["--init", EXAMPLE], more].concat());
        open(Path::new(&lines(&output.stdout)[which])).expect("a picture")
    };
    for sampler in ["dpm++2m-karras", "euler-a"] {
        let in_batch = picture(&format!("{sampler}-batch"), &["--seed", "7", "--batch", "2", "--sampler", sampler], 1);
        let alone = picture(&format!("{sampler}-alone"), &["--seed", "8", "--batch", "1", "--sampler", sampler], 0);
        let one_thread = picture(
            &format!("{sampler}-one"),
            &["--seed", "8", "--batch", "1", "--sampler", sampler, "--threads", "1"],
            0,
        );
        let three = picture(
            &format!("{sampler}-three"),
            &["--seed", "8", "--batch", "1", "--sampler", sampler, "--threads", "3"],
            0,
        );
        assert!(in_batch == alone, "{sampler}: alone or in a batch");
        assert!(alone == one_thread && alone == three, "{sampler}: one thread or more");
    }
}

#[test]
fn full_strength_ignores_the_sketch() {
    let folder = tempfile::tempdir().expect("folder");
    let run = |name: &str, more: &[&str]| {
        let all = [&["--seed", "3", "--batch", "1", "--strength", "1"], more].concat();
        let output = generate(&folder.path().join(name), &all);
        let file = PathBuf::from(&lines(&output.stdout)[0]);
        (open(&file).expect("a picture"), read_parameters(&file).expect("parameters"))
    };
    let (with, text) = run("with", &["--init", EXAMPLE]);
    let (without, _) = run("without", &[]);
    assert!(with == without);
    assert!(!text.contains("Denoising strength"));
}

#[test]
fn json_events_tell_the_whole_story_one_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let output =
        generate(folder.path(), &["--init", EXAMPLE, "--batch", "1", "--seed", "1", "--strength", "0.75", "--json"]);
    let events: Vec<serde_json::Value> =
        lines(&output.stdout).iter().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let names: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!(names.iter().filter(|n| **n == "step").count(), 4);
    assert_eq!(names.last(), Some(&"complete"));
    let made = events.iter().find(|e| e["event"] == "made").expect("made");
    assert!(Path::new(made["file"].as_str().expect("file")).exists());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn bad_input_ends_with_one_clear_sentence() {
    let folder = tempfile::tempdir().expect("folder");
    let rubbish = folder.path().join("rubbish.png");
    std::fs::write(&rubbish, "no picture").expect("writes");
    let rubbish = rubbish.to_string_lossy().into_owned();
    let cases: [(&[&str], &str); 7] = [
        (&["--init", "/no/such/file.png"], "underpaint: /no/such/file.png could not be read: it does not exist."),
        (
            &["--init", &rubbish],
            "rubbish.png could not be opened: it is not a PNG, JPEG, WebP, GIF, BMP or TIFF picture.",
        ),
        (&["--width", "300"], "width must be a multiple of 8"),
        (&["--strength", "2"], "denoising strength must lie between 0 and 1"),
        (&["--model", "/no/such/model"], "There is no model at /no/such/model"),
        (&["--model", &rubbish], "is a text file and not a file of weights"),
        (&["--seed", "-5"], "seed must be -1"),
    ];
    for (more, words) in cases {
        let text = failure(&generate_plain(folder.path(), more));
        assert!(text.contains(words), "{more:?}: {text}");
        assert_eq!(text.matches("/no/such").count(), words.matches("/no/such").count(), "said once: {text}");
    }
    assert!(std::fs::read_dir(folder.path()).expect("list").count() == 1, "nothing was written");
}

/// Without the size that [`generate`] gives, so that a case can give its own.
fn generate_plain(out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    command.args(["generate", "--prompt", "x"]).args(["--out".as_ref(), out.as_os_str()]).args(more);
    command.output().expect("the program starts")
}

#[test]
fn without_a_display_the_window_says_what_to_do_instead() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    if cfg!(target_os = "linux") {
        let text = failure(&command.output().expect("the program starts"));
        assert!(text.contains("there is no display") && text.contains("underpaint generate --init"), "{text}");
    }
}

#[test]
fn the_bench_says_what_each_part_takes() {
    let output = Command::new(env!("CARGO_BIN_EXE_underpaint"))
        .args(["bench", "--json", "--threads", "2", "--dtype", "f32", "--size", "256"])
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    for part in ["load_s", "text_s", "unet_s", "vae_encode_s", "vae_decode_s", "peak_f32_flops"] {
        assert!(told[part].as_f64().is_some_and(|number| number > 0.0), "{part}: {told}");
    }
    assert_eq!((told["threads"].as_u64(), told["size"].as_u64()), (Some(2), Some(256)));
    assert_eq!(told["dtype"].as_str(), Some("f32"));
}

fn underpaint(args: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_underpaint")).args(args).output().expect("the program starts")
}

fn words<'a>(args: &[&'a str]) -> Vec<&'a OsStr> {
    args.iter().map(|word| OsStr::new(*word)).collect()
}

#[test]
fn an_option_before_the_command_counts() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("out").to_string_lossy().into_owned();
    let missing = ["--model", "/no/such/model", "generate", "--prompt", "x", "--out", &out];
    assert!(failure(&underpaint(&words(&missing))).contains("There is no model at /no/such/model"));
    let small = ["--width", "64", "--height", "64", "--steps", "1", "--batch", "1", "--prompt", "x"];
    let before =
        [&["--out", &out, "--dtype", "f32", "--device", "cpu", "--threads", "1", "generate"], &small[..]].concat();
    let output = underpaint(&words(&before));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(Path::new(&lines(&output.stdout)[0]).starts_with(&out));
    let twice = ["--model", "starter", "generate", "--model", "/other", "--prompt", "x", "--out", &out];
    let output = underpaint(&words(&twice));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--model has one value before the command"));
}

#[test]
fn a_folder_that_cannot_be_written_is_found_out_before_the_model_is_loaded() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("writes");
    // The model is not there either: whichever is looked at first is told.
    let text = failure(&generate(&file, &["--model", "/no/such/model"]));
    let path = file.display().to_string();
    assert!(text.starts_with(&format!("underpaint: Nothing can be written in the folder {path}: ")), "{text}");
    assert_eq!(text.matches(&path).count(), 1, "{text}");
    assert_eq!(text.matches("there is something of this name").count(), 1, "{text}");
}

#[test]
fn a_start_image_of_another_shape_is_told_and_can_be_shown_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let picture = folder.path().join("wide.png");
    image::RgbImage::from_pixel(200, 150, image::Rgb([9, 200, 40])).save(&picture).expect("saves");
    let init = picture.to_string_lossy().into_owned();
    let notice = |more: &[&str]| {
        let size: &[&str] = if more.contains(&"--width") { &[] } else { &["--width", "256", "--height", "256"] };
        let all = [&["--init", &init, "--batch", "1", "--steps", "2", "--json"], size, more].concat();
        let output = generate_plain(&folder.path().join("out"), &all);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let events = lines(&output.stdout);
        let events = events.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        events.filter(|e| e["event"] == "notice").map(|e| e["text"].to_string()).collect::<Vec<_>>().join(" ")
    };
    let sizes = "The start image is 200 by 150 pixels and the result 256 by 256: ";
    let cut = notice(&[]);
    assert!(cut.contains(&format!("{sizes}25 pixels at the left and 25 at the right were cut off.")), "{cut}");
    let whole = notice(&["--fit", "whole"]);
    assert!(whole.contains("it is shown whole, with 32 empty pixels at the top and 32 at the bottom."), "{whole}");
    assert!(notice(&["--fit", "stretch"]).contains("it was stretched"));
    let fitting = folder.path().join("fitting.png");
    image::RgbImage::new(64, 64).save(&fitting).expect("saves");
    let fitting = fitting.to_string_lossy();
    let all = ["--init", &fitting, "--batch", "1", "--steps", "1", "--json", "--width", "64", "--height", "64"];
    let output = generate_plain(&folder.path().join("out"), &all);
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("notice"));
}

/// Names that are no text: they are written as well as can be, and nothing panics.
#[test]
#[cfg(target_os = "linux")]
fn paths_that_are_not_utf_8_are_taken() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("folder");
    let odd = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&odd).expect("makes");
    let init = odd.join("a.png");
    std::fs::copy(EXAMPLE, &init).expect("copies");
    let small =
        words(&["generate", "--width", "64", "--height", "64", "--steps", "1", "--batch", "1", "--prompt", "x"]);
    for json in [&["--json"][..], &[]] {
        let args = [
            &small[..],
            &words(&["--out"]),
            &[odd.as_os_str()],
            &words(&["--init"]),
            &[init.as_os_str()],
            &words(json),
        ];
        let output = underpaint(&args.concat());
        let (told, errors) = (lines(&output.stdout).join("\n"), String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(output.status.success(), "{errors}");
        assert!(told.contains("caf\u{fffd}"), "{told}");
    }
    assert_eq!(std::fs::read_dir(&odd).expect("lists").count(), 3, "two pictures beside the start image");
    for option in ["--model", "--vae", "--loras", "--embeddings"] {
        let args =
            [&small[..], &words(&["--out"]), &[folder.path().as_os_str()], &words(&[option]), &[odd.as_os_str()]];
        let output = underpaint(&args.concat());
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{option}");
    }
    let args = [&words(&["bench", "--json", "--size", "64", "--model"])[..], &[odd.as_os_str()]].concat();
    assert!(failure(&underpaint(&args)).contains("caf\u{fffd}"));
    let args = [&words(&["inspect", "--json"])[..], &[init.as_os_str()]].concat();
    let output = underpaint(&args);
    assert!(output.status.success());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(told["file"].as_str().is_some_and(|file| file.ends_with("caf\u{fffd}/a.png")), "{told}");
    // Text that has to be text.
    let prompt = [OsStr::new("generate"), OsStr::new("--prompt"), OsStr::from_bytes(b"\xff"), OsStr::new("--out=/o")];
    let output = underpaint(&prompt);
    assert_eq!(output.status.code(), Some(2));
}

/// Both streams may be closed, or gone by the time something is written.
#[test]
#[cfg(target_os = "linux")]
fn closed_streams_are_no_reason_to_panic() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("out");
    let small = "generate --width 64 --height 64 --steps 3 --batch 2 --prompt x --out";
    // Where what was asked for cannot be printed the pictures are made all the same, and the code says so.
    for (streams, expected) in [("2>&-", "0"), (">&- 2>&-", "0"), ("2>/dev/full", "0"), (">/dev/full", "1")] {
        let script = format!("\"$0\" {small} \"$1\" {streams}; echo $? >\"$1.code\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_underpaint")]).arg(&out);
        command.output().expect("runs");
        let code = std::fs::read_to_string(out.with_extension("code")).expect("reads");
        assert_eq!(code.trim(), expected, "{streams}");
    }
    assert_eq!(std::fs::read_dir(&out).expect("lists").count(), 8);
    let script = "\"$0\" licenses >/dev/full";
    let output = Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_underpaint")]).output().expect("runs");
    assert_eq!(failure(&output), "underpaint: Standard output could not be written: the disk is full.");
}

fn inspected(args: &[&OsStr]) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let output = underpaint(&[&words(&["inspect", "--json"])[..], args].concat());
    let told = lines(&output.stdout).iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (output.status.code(), told, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn inspect_tells_what_files_are_and_whether_all_can_be_used() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    };
    let example = std::fs::read(EXAMPLE).expect("reads");
    let (code, told, _) = inspected(&words(&[EXAMPLE]));
    assert_eq!((code, told.len()), (Some(0), 1));
    assert_eq!((&told[0]["kind"], &told[0]["usable"]), (&"picture".into(), &true.into()));
    // Content counts, and not the name.
    let named = write("apple.ckpt", &example);
    assert_eq!(inspected(&[named.as_os_str()]).0, Some(0));

    let bad = [
        (write("empty.png", b""), "unknown", "the file is empty"),
        (write("garbage.png", &[0xa5; 3000]), "unknown", "it is not a PNG, JPEG"),
        (write("half.png", &example[..example.len() / 2]), "picture", "could not be opened as a PNG picture"),
        (write("IMG_1.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "picture", "it is a HEIC picture"),
        (write("notes.svg", b"<svg/>"), "other", "it is an SVG drawing"),
        (write("model.safetensors", b"\x10\0\0\0\0\0\0\0{\"a\": nonsense}"), "unknown", "model.safetensors"),
        (write("old.ckpt", b"PK\x03\x04 and nothing"), "unknown", "old.ckpt"),
        (folder.path().to_path_buf(), "unknown", "no model folder"),
        (folder.path().join("missing.png"), "unreadable", "it does not exist"),
    ];
    for (path, kind, words) in &bad {
        let (code, told, errors) = inspected(&[path.as_os_str()]);
        assert_eq!((code, told.len(), errors.as_str()), (Some(1), 1, ""), "{}", path.display());
        let sentence = told[0]["sentence"].as_str().expect("a sentence");
        assert!(sentence.contains(words) && sentence.ends_with('.'), "{sentence}");
        assert_eq!((&told[0]["kind"], &told[0]["usable"]), (&(*kind).into(), &false.into()), "{sentence}");
    }
    // One that cannot be used is enough, and does not keep the others from being told.
    let all: Vec<&OsStr> = bad.iter().map(|(path, ..)| path.as_os_str()).chain(words(&[EXAMPLE])).collect();
    let (code, told, _) = inspected(&all);
    assert_eq!((code, told.len()), (Some(1), bad.len() + 1));
    assert_eq!(told.last().map(|told| &told["usable"]), Some(&true.into()));
}

/// What inspect says of a file that is no model is what generating with it says.
#[test]
fn inspect_tells_files_in_other_formats_as_generate_does() {
    let folder = tempfile::tempdir().expect("folder");
    for (name, bytes, phrase) in [
        ("dream.gguf", &b"GGUF\x03\0\0\0"[..], "is a GGUF file"),
        ("dream.onnx", b"\x08\x07\x12\x07pytorch", "is an ONNX model"),
        ("old.pt", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "before version 1.6"),
        ("page.safetensors", b"<!doctype html>", "is a web page and not a file of weights"),
        ("pointer.safetensors", b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        ("nothing.ckpt", b"", "is empty"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        let (code, told, errors) = inspected(&[path.as_os_str()]);
        assert_eq!((code, told.len(), errors.as_str()), (Some(1), 1, ""), "{name}");
        let sentence = told[0]["sentence"].as_str().expect("a sentence");
        assert!(sentence.contains(phrase) && sentence.ends_with('.'), "{sentence}");
        let out = folder.path().join("out");
        let generate = words(&["generate", "--prompt", "x", "--steps", "1", "--model"]);
        let tried = underpaint(&[&generate[..], &[path.as_os_str(), OsStr::new("--out"), out.as_os_str()]].concat());
        let errors = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert!(!tried.status.success() && errors.contains(sentence), "{errors} lacks {sentence}");
    }
}

#[test]
fn inspect_prints_settings_for_people_and_nothing_that_commands_a_terminal() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.png");
    let text = "an apple \u{1b}[2J\nSteps: 20, Sampler: Restart, CFG scale: 7, Seed: 1, Size: 512x512";
    let picture = image::RgbImage::new(8, 8);
    std::fs::write(&path, encode_png(&picture, Some(text)).expect("encodes")).expect("writes");
    let output = underpaint(&[OsStr::new("inspect"), path.as_os_str()]);
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in ["is a PNG picture of 8 by 8 pixels", "prompt: an apple", "Seed: 1", "Sampler (Restart): there is no"]
    {
        assert!(told.contains(words), "{told}");
    }
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn licenses_are_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_underpaint")).arg("licenses").output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.starts_with("underpaint ") && text.contains("\ncandle-core 0.11"), "{} bytes", text.len());
}

/// Errors quote names from files, and those come from anywhere.
#[test]
fn an_error_never_commands_a_terminal() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("dream.safetensors");
    let header = r#"{"a\u001b[31mb\u202ec":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 4]].concat();
    std::fs::write(&path, bytes).expect("writes");
    let path = path.to_string_lossy().into_owned();
    let text = failure(&generate(&folder.path().join("out"), &["--model", &path]));
    assert!(text.contains("its first tensor is a\u{fffd}[31mb\u{fffd}c"), "{text:?}");
}

#[test]
fn a_vae_that_is_none_is_called_what_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "notes").expect("writes");
    let missing = folder.path().join("none");
    for (path, words) in [
        (folder.path(), "is no VAE folder: it has no config.json"),
        (text.as_path(), "is a text file and not a file of weights"),
        (missing.as_path(), "There is no VAE at "),
    ] {
        let path = path.to_string_lossy();
        let text = failure(&generate(&folder.path().join("out"), &["--vae", &path]));
        assert!(text.contains(words) && text.matches(&*path).count() == 1, "{text}");
    }
}

/// Halving these sides level by level rounds, and the way up must meet the skip connections again.
#[test]
fn sides_need_only_be_multiples_of_8() {
    let folder = tempfile::tempdir().expect("folder");
    for (name, init) in [("text", &[][..]), ("sketch", &["--init", EXAMPLE][..])] {
        let out = folder.path().join(name);
        let size = ["--width", "200", "--height", "72", "--steps", "2", "--batch", "1", "--seed", "1"];
        let output = generate_plain(&out, &[&size[..], init].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let file = PathBuf::from(&lines(&output.stdout)[0]);
        assert_eq!(open(&file).expect("a picture").dimensions(), (200, 72));
        assert!(read_parameters(&file).expect("parameters").contains("Size: 200x72"));
    }
}

/// Sentences tell people to use options: each of them must be one.
#[test]
fn every_option_that_a_sentence_names_exists() {
    fn options(folder: &Path, found: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("entry").path()) {
            if entry.is_dir() {
                options(&entry, found);
                continue;
            }
            let source = std::fs::read_to_string(&entry).expect("reads");
            for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for (at, _) in line.match_indices("--") {
                    // The hub's cache calls folders models--owner--name.
                    if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-') {
                        continue;
                    }
                    let name: String =
                        line[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                    if !name.is_empty() {
                        found.insert(format!("--{name}"));
                    }
                }
            }
        }
    }
    let mut named = std::collections::BTreeSet::new();
    for room in ["diffusion", "engine", "models", "picture"] {
        options(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room), &mut named);
    }
    assert!(named.contains("--vae") && named.contains("--loras"), "{named:?}");
    // `--features` is cargo's.
    let help = ["generate", "upscale"].map(|command| underpaint(&words(&[command, "--help"])).stdout).concat();
    let help = String::from_utf8_lossy(&help).into_owned();
    for name in named.iter().filter(|name| name.as_str() != "--features") {
        assert!(help.contains(name.as_str()), "there is no option {name}");
    }
}
