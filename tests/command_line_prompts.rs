//! Styles and wildcards on the command line, on the starter model.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use underpaint::picture::read_parameters;

fn run(home: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
    // Where each system looks for the data folder.
    command.args(args).env("XDG_DATA_HOME", home).env("HOME", home).env("APPDATA", home);
    command.output().expect("the program starts")
}

fn told(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(String::from).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn styles_are_listed_imported_and_used_and_each_picture_says_what_its_wildcard_chose() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path();
    assert!(told(&run(home, &["styles"])).iter().any(|line| line.starts_with("Watercolour: watercolour painting of")));
    let csv = home.join("styles.csv");
    std::fs::write(&csv, "name,prompt\nSilk,silk print\n").expect("writes");
    told(&run(home, &["styles", "--import", csv.to_str().expect("UTF-8")]));
    let json: Value = serde_json::from_str(&told(&run(home, &["styles", "--json"]))[0]).expect("JSON");
    assert!(json["styles"].as_array().is_some_and(|styles| styles.iter().any(|style| style["name"] == "Silk")));

    let wildcards = home.join("underpaint/wildcards");
    std::fs::create_dir_all(&wildcards).expect("folders");
    std::fs::write(wildcards.join("fruit.txt"), "apple\npear\nplum\nfig\nlime\nkiwi\nquince\n").expect("writes");
    let out = home.join("out");
    let small = ["generate", "--width", "64", "--height", "64", "--steps", "1", "--seed", "100", "--out"];
    let more = ["--prompt", "a __fruit__", "--style", "silk", "--batch", "3"];
    let files = told(&run(home, &[&small[..], &[out.to_str().expect("UTF-8")], &more].concat()));
    let texts: Vec<String> = files.iter().map(|file| read_parameters(Path::new(file)).expect("settings")).collect();
    let prompts: Vec<&str> = texts.iter().filter_map(|text| text.lines().next()).collect();
    assert!(prompts.iter().all(|prompt| prompt.starts_with("a ") && prompt.ends_with(", silk print")), "{prompts:?}");
    assert!(prompts.iter().any(|prompt| *prompt != prompts[0]), "{prompts:?}");
    assert!(texts[2].contains("Seed: 102,"), "{}", texts[2]);
    assert!(texts.iter().all(|text| text.contains("Template: \"a __fruit__, silk print\", Version: ")), "{texts:?}");
    // A picture is made again with what was chosen for it.
    let again =
        told(&run(home, &[&small[..2], &["--from", &files[0], "--out", out.to_str().expect("UTF-8")]].concat()));
    let again = read_parameters(Path::new(&again[0])).expect("settings");
    assert_eq!((again.lines().next(), again.contains("Template")), (Some(prompts[0]), false));

    let refused = run(home, &[&small[..], &["/o", "--prompt", "x", "--style", "nonsense"]].concat());
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("There is no style called nonsense") && error.lines().count() == 1, "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn options_of_sampling_are_written_into_the_picture_and_taken_from_it() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path();
    let out = home.join("out");
    let out = out.to_str().expect("UTF-8");
    let small = ["--width", "64", "--height", "64", "--batch", "1", "--out", out];
    let options = ["--ensd", "31337", "--eta", "0.7", "--rho", "5", "--emphasis", "no-norm", "--ngms", "1.5"];
    let prompt = ["generate", "--prompt", "a (red:1.3) [apple:pear:0.5] AND plum:0.5", "--steps", "3", "--seed", "7"];
    let sampler = ["--sampler", "euler-a-karras"];
    let first = told(&run(home, &[&prompt[..], &sampler, &small, &options].concat())).remove(0);
    let text = read_parameters(Path::new(&first)).expect("settings");
    for field in ["ENSD: 31337", "Eta: 0.7", "Schedule rho: 5", "Emphasis: No norm", "NGMS: 1.5"] {
        assert!(text.contains(field), "{field}: {text}");
    }
    let pixels = |file: &str| image::open(file).expect("opens").into_rgb8();
    let again = told(&run(home, &[&["generate", "--from", first.as_str()][..], &small].concat())).remove(0);
    assert!(pixels(&again) == pixels(&first));
    assert_eq!(read_parameters(Path::new(&again)).as_deref(), Some(text.as_str()));
    let usual = told(&run(home, &[&prompt[..], &sampler, &small].concat())).remove(0);
    assert!(pixels(&usual) != pixels(&first));
    assert!(!read_parameters(Path::new(&usual)).expect("settings").contains("ENSD"));
    let refused = run(home, &[&prompt[..], &small, &["--eta", "3"]].concat());
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("eta must lie between 0 and 1, not 3") && error.lines().count() == 1, "{error}");
}
