//! What a ComfyUI has.

use serde_json::Value;

use super::names::{sampler_name, schedule_name};
use crate::engine::{EngineLimits, ModelChoice, Sampler, Schedule, Settings};
use crate::remote::client::Client;
use crate::remote::server_files::{file_named, stem};
use crate::remote::trouble::Trouble;

/// How many entries of a list are read.
const MOST: usize = 10_000;

/// The files, samplers and schedules of a ComfyUI.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::remote) struct ComfyOffer {
    /// ComfyUI and its version.
    pub program: String,
    /// How many jobs wait or are being made.
    pub jobs: Option<usize>,
    /// The checkpoints, by file name with folder and ending.
    pub checkpoints: Vec<String>,
    pub loras: Vec<String>,
    pub vaes: Vec<String>,
    pub control_nets: Vec<String>,
    samplers: Vec<String>,
    schedules: Vec<String>,
}

impl ComfyOffer {
    /// Asks the server. Only what it is and its checkpoints must be answered.
    pub fn ask(client: &Client) -> Result<Self, Trouble> {
        let about = client.get_path("/system_stats")?;
        let Some(system) = about["system"].as_object() else {
            return Err(Trouble::Nonsense("says nothing of its system".into()));
        };
        let version = system.get("comfyui_version").and_then(Value::as_str).unwrap_or_default();
        let node = |name: &str| client.get_path(&format!("/object_info/{name}")).map(|info| info[name].clone());
        let checkpoints = choices(&node("CheckpointLoaderSimple")?, "ckpt_name");
        let optional = |name: &str, input: &str| choices(&node(name).unwrap_or_default(), input);
        let sampler = node("KSamplerAdvanced")?;
        let queue = client.get_path("/queue").ok();
        let count = |queue: &Value| {
            ["queue_running", "queue_pending"].iter().map(|name| queue[*name].as_array().map_or(0, Vec::len)).sum()
        };
        Ok(Self {
            program: format!("ComfyUI {version}").trim_end().to_owned(),
            jobs: queue.as_ref().map(count),
            checkpoints,
            loras: optional("LoraLoader", "lora_name"),
            vaes: optional("VAELoader", "vae_name"),
            control_nets: optional("ControlNetLoader", "control_net_name"),
            samplers: choices(&sampler, "sampler_name"),
            schedules: choices(&sampler, "scheduler"),
        })
    }

    /// The names of the models.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.checkpoints.iter().map(|file| stem(file))
    }

    /// The checkpoint that a choice means.
    pub fn checkpoint(&self, choice: &ModelChoice) -> Option<&str> {
        let path = match choice {
            ModelChoice::Starter => String::new(),
            ModelChoice::Path(path) => path.to_string_lossy().into_owned(),
        };
        file_named(&self.checkpoints, &path).or_else(|| file_named(&self.checkpoints, &choice.name()))
    }

    /// What the server at `host` lacks.
    pub fn limits(&self, host: &str) -> EngineLimits {
        let has = |sampler, schedule| {
            let settings = Settings { sampler, schedule, ..Settings::default() };
            self.sampling(&settings, host).is_ok()
        };
        // The others follow any schedule, as they have their own.
        let free: Vec<Sampler> = Sampler::ALL.into_iter().filter(|one| !one.has_fixed_schedule()).collect();
        let samplers = Sampler::ALL.into_iter().filter(|sampler| Schedule::all().any(|one| has(*sampler, one)));
        let schedules = Schedule::all().filter(|schedule| free.iter().any(|one| has(*one, *schedule)));
        let no_controls = match self.control_nets.is_empty() {
            true => format!("{host} has no ControlNets."),
            false => String::new(),
        };
        EngineLimits {
            samplers: Some(samplers.collect()),
            schedules: Some(schedules.collect()),
            no_controls,
            no_inpainting: format!("{host} is ComfyUI, which does not inpaint as the web UI does."),
            no_rare_options: format!(
                "The guided share, the reuse interval and the options of the sampler are not sent to {host}."
            ),
        }
    }

    /// How the server calls the sampler and the schedule of these settings.
    ///
    /// # Errors
    /// A sentence that says what the server lacks.
    pub fn sampling(&self, settings: &Settings, host: &str) -> Result<(String, String), String> {
        let lacks = |what: &str, name: &str| format!("{host} does not have the {what} {name}; choose another one.");
        let (sampler, schedule) = (settings.sampler, settings.schedule);
        let found = |list: &[String], name: &str| list.iter().find(|one| *one == name).cloned();
        let sampler_found = sampler_name(sampler).and_then(|name| found(&self.samplers, name));
        let schedule_found = schedule_name(sampler, schedule).and_then(|name| found(&self.schedules, name));
        match (sampler_found, schedule_found) {
            (Some(sampler), Some(schedule)) => Ok((sampler, schedule)),
            (None, _) => Err(lacks("sampler", sampler.label())),
            (_, None) => Err(lacks("schedule", schedule.label())),
        }
    }
}

/// What an input of a node can be: `[["a", "b"], ...]`, or in newer versions `["COMBO", {"options": ["a", "b"]}]`.
fn choices(node: &Value, input: &str) -> Vec<String> {
    let input = &node["input"]["required"][input];
    let list = input[0].as_array().or_else(|| input[1]["options"].as_array());
    let names = list.map(Vec::as_slice).unwrap_or_default().iter().take(MOST);
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
impl ComfyOffer {
    /// A server with these files and the usual samplers and schedules.
    pub fn for_tests(checkpoints: &[&str], loras: &[&str], control_nets: &[&str]) -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let samplers = Sampler::ALL.into_iter().filter_map(sampler_name).map(str::to_owned).collect();
        Self {
            checkpoints: list(checkpoints),
            loras: list(loras),
            control_nets: list(control_nets),
            samplers,
            schedules: list(&["normal", "karras", "exponential", "ddim_uniform"]),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_ways_to_write_a_list_are_read() {
        let old = json!({"input": {"required": {"ckpt_name": [["a.safetensors", "sub/B.ckpt"], {}]}}});
        let new = json!({"input": {"required": {"ckpt_name": ["COMBO", {"options": ["a.safetensors"]}]}}});
        assert_eq!(choices(&old, "ckpt_name"), ["a.safetensors", "sub/B.ckpt"]);
        assert_eq!(choices(&new, "ckpt_name"), ["a.safetensors"]);
        assert!(choices(&json!([1]), "ckpt_name").is_empty() && choices(&old, "vae").is_empty());
    }

    #[test]
    fn a_checkpoint_is_found_by_its_name_and_the_starter_is_none() {
        let offer = ComfyOffer {
            checkpoints: vec!["dream.safetensors".into(), "sub/Other.ckpt".into()],
            ..ComfyOffer::default()
        };
        let found = |name: &str| offer.checkpoint(&ModelChoice::Path(name.into()));
        assert_eq!(found("dream"), Some("dream.safetensors"));
        assert_eq!((found("other"), found("/models/Other.ckpt")), (Some("sub/Other.ckpt"), Some("sub/Other.ckpt")));
        assert_eq!((found("drea"), offer.checkpoint(&ModelChoice::Starter)), (None, None));
        assert_eq!(offer.models().collect::<Vec<_>>(), ["dream", "Other"]);
    }

    #[test]
    fn samplers_and_schedules_have_comfys_names_or_are_refused() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let offer = ComfyOffer {
            samplers: list(&["euler", "dpmpp_2m", "ddim"]),
            schedules: list(&["normal", "karras", "ddim_uniform"]),
            ..ComfyOffer::default()
        };
        let of = |sampler, schedule| offer.sampling(&Settings { sampler, schedule, ..Settings::default() }, "host:1");
        assert_eq!(of(Sampler::DpmPp2m, Schedule::Automatic), Ok(("dpmpp_2m".into(), "karras".into())));
        assert_eq!(of(Sampler::Euler, Schedule::Automatic), Ok(("euler".into(), "normal".into())));
        assert_eq!(of(Sampler::Ddim, Schedule::Karras), Ok(("ddim".into(), "ddim_uniform".into())));
        assert_eq!(
            of(Sampler::Heun, Schedule::Karras),
            Err("host:1 does not have the sampler Heun; choose another one.".into())
        );
        assert!(of(Sampler::Euler, Schedule::AlignYourSteps).expect_err("none").contains("schedule Align Your Steps"));
        let limits = offer.limits("host:1");
        assert!(limits.has_sampler(Sampler::Euler) && !limits.has_sampler(Sampler::Tcd));
        assert!(limits.has_schedule(Schedule::Karras) && !limits.has_schedule(Schedule::Beta));
    }
}
