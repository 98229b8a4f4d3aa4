//! `underpaint models`: what is found on a machine, by name, hash and catalogue, and what may be deleted.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A machine of its own: home, data and cache lie in one temporary folder.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("folder"))
    }

    fn at(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(words).env("HOME", self.at("home")).env("XDG_DATA_HOME", self.at("data"));
        command.env("XDG_CONFIG_HOME", self.at("config")).env("HF_HUB_CACHE", self.at("hub"));
        command.env("APPDATA", self.at("data")).env("USERPROFILE", self.at("home"));
        for variable in ["HF_HOME", "HUGGINGFACE_HUB_CACHE", "INVOKEAI_ROOT", "XDG_DOCUMENTS_DIR"] {
            command.env_remove(variable);
        }
        command.output().expect("the program starts")
    }

    fn said(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The one sentence of a command that fails.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?} should have failed");
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(text.lines().count(), 1, "one sentence, not: {text}");
        text
    }

    fn list(&self) -> Value {
        serde_json::from_str(&self.said(&["models", "list", "--json"])).expect("JSON")
    }

    fn starter_as(&self, folder: &str) {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter"), &self.at(folder));
    }

    fn write(&self, inside: &str, bytes: &[u8]) -> PathBuf {
        let path = self.at(inside);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    /// A repository in the hub's cache, whose one file lies under the hash of its bytes.
    #[cfg(unix)]
    fn cached(&self, repository: &str, file: &str, bytes: &[u8], hash: &str) -> PathBuf {
        const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
        let folder = format!("hub/models--{}", repository.replace('/', "--"));
        self.write(&format!("{folder}/refs/main"), COMMIT.as_bytes());
        self.write(&format!("{folder}/blobs/{hash}"), bytes);
        let link = self.at(&format!("{folder}/snapshots/{COMMIT}/{file}"));
        std::fs::create_dir_all(link.parent().expect("folder")).expect("folder");
        std::os::unix::fs::symlink(format!("../../blobs/{hash}"), &link).expect("links");
        link
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("lists").map(|entry| entry.expect("entry")) {
        let target = to.join(entry.file_name());
        match entry.file_type().expect("type").is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), &target).expect("copies");
            }
        }
    }
}

/// A LoRA of one layer for Stable Diffusion 1.x.
fn lora(words: &str) -> Vec<u8> {
    let layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
    let header = serde_json::json!({
        "__metadata__": {"modelspec.trigger_phrase": words},
        format!("{layer}.lora_down.weight"): {"dtype": "F16", "shape": [4, 768], "data_offsets": [0, 6144]},
        format!("{layer}.lora_up.weight"): {"dtype": "F16", "shape": [320, 4], "data_offsets": [6144, 8704]},
    });
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 8704]].concat()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    format!("{:x}", sha2::Sha256::digest(bytes))
}

#[test]
fn folders_are_named_and_what_is_in_them_is_listed_and_used_by_name() {
    let machine = Machine::new();
    assert!(machine.list()["here"].as_array().expect("a list").is_empty());
    machine.starter_as("disk/pear");
    machine.write("disk/loras/ink.safetensors", &lora("ink wash"));
    machine.starter_as("home/ComfyUI/models/checkpoints/plum");
    let disk = machine.at("disk").canonicalize().expect("is there").display().to_string();
    assert_eq!(machine.said(&["models", "search-here", &disk]), format!("{disk}: 2 files"));
    let list = machine.list();
    let here = list["here"].as_array().expect("a list");
    let about: Vec<String> = here
        .iter()
        .map(|model| format!("{} {} {} {}", model["name"], model["kind"], model["origin"], model["usable"]))
        .collect();
    assert_eq!(
        about,
        [r#""pear" "model" "named" true"#, r#""plum" "model" "comfy_ui" true"#, r#""ink" "lora" "named" true"#,]
    );
    assert_eq!((&here[2]["words"][0], &here[2]["base"]["id"]), (&"ink wash".into(), &"sd1".into()));
    assert_eq!((&here[0]["precision"], &here[0]["prediction"]), (&"f16".into(), &"v_prediction".into()));
    assert!(machine.said(&["models", "list"]).contains("trigger words: ink wash"));
    assert_eq!(machine.said(&["models", "search-here"]), disk);

    let path = machine.said(&["models", "path", "PLUM"]);
    assert!(path.ends_with("checkpoints/plum"), "{path}");
    let out = machine.at("out").display().to_string();
    let settings = ["--width", "64", "--height", "64", "--steps", "1", "--batch", "1", "--prompt", "x"];
    let made = machine.said(&[&["generate", "--model", "pear", "--out", &out], &settings[..]].concat());
    let text = machine.said(&["inspect", &made]);
    assert!(text.contains("Model: pear"), "{text}");
    // The picture's model is found again by its name.
    assert!(machine.said(&["reproduce", &made]).contains("same"));
    machine.said(&["models", "search-here", "--forget", &disk]);
    let text = machine.refused(&["reproduce", &made]);
    assert!(text.contains("was made with the model pear, which is not among those"), "{text}");
}

#[test]
fn a_model_that_is_not_here_is_said_with_the_command_that_fetches_it() {
    let machine = Machine::new();
    let generate = |model: &str| machine.refused(&["generate", "--model", model, "--out", "x", "--prompt", "x"]);
    let text = generate("dreamshaper-8");
    assert!(
        text.ends_with("DreamShaper 8 is not on this machine. Fetch it with: underpaint models fetch dreamshaper-8")
    );
    assert!(generate("who/what").ends_with("underpaint models fetch who/what"));
    assert!(generate("nothing").contains("underpaint models list"));
    assert!(generate("/no/such/model").contains("There is no model at /no/such/model"));
    assert!(machine.refused(&["models", "path", "sd15"]).ends_with("underpaint models fetch sd15"));
    let text = machine.refused(&["models", "search-here", "/no/such/folder"]);
    assert!(text.contains("/no/such/folder is no folder"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_cached_model_is_known_by_repository_and_hash_verified_and_deleted_only_when_told() {
    let machine = Machine::new();
    let bytes = lora("ink");
    let good = machine.cached("who/inks", "inks.safetensors", &bytes, &sha256(&bytes));
    let bad = machine.cached("who/torn", "torn.safetensors", &bytes, &sha256(b"other"));
    assert_eq!(machine.said(&["models", "path", "who/inks"]), good.display().to_string());
    assert_eq!(machine.said(&["models", "path", &sha256(&bytes)[..10]]), good.display().to_string());
    assert!(machine.said(&["models", "verify", "inks"]).ends_with("the same as the hub's cache says."));
    let torn = machine.run(&["models", "verify", "--json"]);
    assert!(!torn.status.success());
    let lines: Vec<Value> =
        String::from_utf8_lossy(&torn.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let same: Vec<&Value> = lines.iter().map(|line| &line["same"]).collect();
    assert_eq!(same, [&Value::Bool(true), &Value::Bool(false)]);
    assert_eq!(lines[0]["model_hash"], sha256(&bytes)[..10]);

    let told = machine.run(&["models", "remove", "who/torn"]);
    assert!(!told.status.success() && bad.exists());
    assert!(String::from_utf8_lossy(&told.stdout).contains("add --yes"));
    assert!(machine.said(&["models", "remove", "who/torn", "--yes"]).contains("which freed"));
    assert!(!bad.exists() && !machine.at("hub/models--who--torn").exists() && good.exists());

    machine.write("data/underpaint/loras/mine.safetensors", &lora("x"));
    machine.said(&["models", "remove", "mine", "--yes"]);
    assert!(!machine.at("data/underpaint/loras/mine.safetensors").exists());
    let other = machine.write("home/ComfyUI/models/loras/theirs.safetensors", &lora("x"));
    std::fs::create_dir_all(machine.at("home/ComfyUI/models/checkpoints")).expect("folder");
    let text = machine.refused(&["models", "remove", "theirs", "--yes"]);
    assert!(text.contains("in a folder of ComfyUI") && other.exists(), "{text}");
}

#[test]
fn damaged_files_of_the_program_are_no_hindrance() {
    let machine = Machine::new();
    machine.write("data/underpaint/models.json", b"{");
    machine.write("data/underpaint/models-seen.json", &[0xff; 100]);
    machine.write("data/underpaint/loras/ink.safetensors", &lora("x"));
    machine.write("data/underpaint/loras/bad.safetensors", b"not weights");
    let list = machine.list();
    let names: Vec<&str> = list["here"].as_array().expect("a list").iter().filter_map(|m| m["name"].as_str()).collect();
    assert_eq!(names, ["ink", "bad"]);
    assert_eq!(list["here"][1]["usable"], false);
}
