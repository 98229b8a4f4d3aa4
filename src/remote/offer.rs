//! What a server has.

use std::path::PathBuf;

use serde_json::Value;

use super::client::Client;
use super::trouble::Trouble;
use crate::engine::{EngineLimits, ModelChoice, Sampler, Schedule};
use crate::picture::{known_sampler, known_schedule};

/// How many entries of a list are read.
const MOST: usize = 10_000;

/// What a server has: its models, and by which names it calls samplers and schedules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// The models, in the server's order.
    pub models: Vec<OfferedModel>,
    /// The title of the model in use; empty if the server does not say.
    pub current: String,
    /// What the server is; empty if it does not say.
    pub program: String,
    samplers: Vec<String>,
    /// Name and label of each schedule; `None` if the server has no such list, as the web UI before 1.9.
    schedules: Option<Vec<(String, String)>>,
}

/// A model on a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedModel {
    /// By which it is asked for.
    pub title: String,
    /// What it is called.
    pub name: String,
    /// The first digits of its hash; empty if the server does not know.
    pub hash: String,
}

impl Offer {
    /// Asks the server. Only the models must be answered: the lists of samplers and schedules, the options and the
    /// server's own name are missing in some programs.
    pub(super) fn ask(client: &Client) -> Result<Self, Trouble> {
        let list = client.get("sd-models")?;
        let models = entries(&list).map(|entry| OfferedModel {
            title: text(entry, "title"),
            name: Some(text(entry, "model_name"))
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| text(entry, "title")),
            hash: text(entry, "hash"),
        });
        let models = models.filter(|model| !model.title.is_empty()).collect();
        let names = |entry: &Value| text(entry, "name");
        let samplers = optional(client.get("samplers"))?.map(|list| entries(&list).map(names).collect());
        let schedules = optional(client.get("schedulers"))?
            .map(|list| entries(&list).map(|entry| (text(entry, "name"), text(entry, "label"))).collect());
        let options = optional(client.get("options"))?.unwrap_or_default();
        // A page, as most servers have it here, is no JSON.
        let program = client.get_root().map(|root| text(&root, "server")).unwrap_or_default();
        Ok(Self {
            models,
            current: text(&options, "sd_model_checkpoint"),
            program,
            samplers: samplers.unwrap_or_default(),
            schedules,
        })
    }

    /// The model that a choice means. The starter is one only where the server has it: it is not on other servers, and
    /// another model in its place would not be what the pictures say.
    pub fn model(&self, choice: &ModelChoice) -> Option<&OfferedModel> {
        let name = choice.name();
        let path = match choice {
            ModelChoice::Starter => String::new(),
            ModelChoice::Path(path) => path.to_string_lossy().into_owned(),
        };
        let by = |is: &dyn Fn(&OfferedModel) -> bool| self.models.iter().find(|model| is(model));
        by(&|model| model.title == path)
            .or_else(|| by(&|model| model.name == name || model.name == path))
            .or_else(|| {
                by(&|model| model.name.eq_ignore_ascii_case(&name) || plain(&model.title).eq_ignore_ascii_case(&name))
            })
            .or_else(|| by(&|model| !model.hash.is_empty() && model.hash == path))
    }

    /// The model in use, as a choice; `None` if the server does not say.
    pub fn current_choice(&self) -> Option<ModelChoice> {
        let current = self.models.iter().find(|model| model.title == self.current);
        let name = current.map_or(plain(&self.current), |model| model.name.as_str());
        (!name.is_empty()).then(|| model_on_server(name))
    }

    /// What the server at `host` lacks.
    pub(super) fn limits(&self, host: &str) -> EngineLimits {
        let has = |sampler, schedule| self.sampling(sampler, schedule, host).is_ok();
        let samplers = Sampler::ALL.into_iter().filter(|sampler| Schedule::all().any(|one| has(*sampler, one)));
        let schedules = Schedule::all().filter(|schedule| Sampler::ALL.into_iter().any(|one| has(one, *schedule)));
        EngineLimits {
            samplers: (!self.samplers.is_empty()).then(|| samplers.collect()),
            schedules: (!self.samplers.is_empty() || self.schedules.is_some()).then(|| schedules.collect()),
            no_controls: format!("ControlNets are not sent to {host}."),
            no_inpainting: String::new(),
            no_rare_options: format!(
                "The guided share, the reuse interval and the options of the sampler are not sent to {host}."
            ),
        }
    }

    /// How the server calls a sampler with a schedule: the values of `sampler_name` and, if it has them, `scheduler`.
    ///
    /// # Errors
    /// A sentence that says what the server lacks.
    pub(super) fn sampling(
        &self,
        sampler: Sampler,
        schedule: Schedule,
        host: &str,
    ) -> Result<(String, Option<String>), String> {
        let named = |wanted: Option<Schedule>| {
            self.samplers.iter().find(|name| known_sampler(name) == Some((sampler, wanted))).cloned()
        };
        let label = sampler.label();
        // A server without a list is asked in the web UI's words, and says itself what it does not know.
        let plain = if self.samplers.is_empty() { Some(label.to_owned()) } else { named(None) };
        let lacks =
            |what: &str, name: &str| Err(format!("{host} does not have the {what} {name}; choose another one."));
        let exact = if schedule == Schedule::Automatic { sampler.own_schedule() } else { schedule };
        let Some(schedules) = &self.schedules else {
            // Before schedules had names of their own the sampler's name said both.
            return match (named(Some(exact)), plain) {
                (Some(both), _) => Ok((both, None)),
                (None, Some(plain)) if exact == Schedule::Uniform => Ok((plain, None)),
                (None, Some(_)) => lacks("schedule", exact.label()),
                (None, None) => lacks("sampler", label),
            };
        };
        let Some(plain) = plain else { return lacks("sampler", label) };
        let of = |wanted: Schedule| {
            let is = |(name, label): &&(String, String)| {
                known_schedule(name) == Some(wanted) || known_schedule(label) == Some(wanted)
            };
            schedules.iter().find(is).map(|(name, label)| if label.is_empty() { name.clone() } else { label.clone() })
        };
        match of(schedule).or_else(|| of(exact)) {
            Some(name) => Ok((plain, Some(name))),
            None => lacks("schedule", exact.label()),
        }
    }
}

/// The choice of a model by its name on a server.
pub fn model_on_server(name: &str) -> ModelChoice {
    if name == ModelChoice::Starter.name() { ModelChoice::Starter } else { ModelChoice::Path(PathBuf::from(name)) }
}

/// A title without hash and ending: `dream.safetensors [0123456789]`.
fn plain(title: &str) -> &str {
    let file = title.split(" [").next().unwrap_or(title);
    let known = [".safetensors", ".ckpt", ".gguf"];
    known.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}

/// What was answered, unless the server has no such address.
fn optional(answer: Result<Value, Trouble>) -> Result<Option<Value>, Trouble> {
    match answer {
        Err(trouble) if trouble.is_missing() => Ok(None),
        answer => answer.map(Some),
    }
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().take(MOST)
}

fn text(entry: &Value, name: &str) -> String {
    entry[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(samplers: &[&str], schedules: Option<&[(&str, &str)]>) -> Offer {
        let model = |title: &str, name: &str, hash: &str| OfferedModel {
            title: title.into(),
            name: name.into(),
            hash: hash.into(),
        };
        Offer {
            models: vec![
                model("dream.safetensors [879db523c3]", "dream", "879db523c3"),
                model("Other.ckpt", "Other", ""),
            ],
            current: "Other.ckpt".into(),
            samplers: samplers.iter().map(|name| (*name).to_owned()).collect(),
            schedules: schedules.map(|list| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()),
            ..Offer::default()
        }
    }

    #[test]
    fn samplers_and_schedules_are_asked_for_by_the_servers_names() {
        let sampling = |offer: &Offer, sampler, schedule| offer.sampling(sampler, schedule, "host:1");
        let web_ui = offer(&["DPM++ 2M", "Euler a"], Some(&[("automatic", "Automatic"), ("karras", "Karras")]));
        assert_eq!(
            sampling(&web_ui, Sampler::DpmPp2m, Schedule::Karras),
            Ok(("DPM++ 2M".into(), Some("Karras".into())))
        );
        assert_eq!(
            sampling(&web_ui, Sampler::EulerA, Schedule::Automatic),
            Ok(("Euler a".into(), Some("Automatic".into())))
        );
        let lacks = sampling(&web_ui, Sampler::Heun, Schedule::Karras).expect_err("lacks it");
        assert_eq!(lacks, "host:1 does not have the sampler Heun; choose another one.");
        assert!(sampling(&web_ui, Sampler::EulerA, Schedule::Beta).expect_err("lacks it").contains("schedule Beta"));
        let cpp = offer(&["euler", "euler_a", "dpm++2m"], Some(&[("discrete", ""), ("karras", "")]));
        assert_eq!(sampling(&cpp, Sampler::Euler, Schedule::Automatic), Ok(("euler".into(), Some("discrete".into()))));
        assert_eq!(
            sampling(&cpp, Sampler::DpmPp2m, Schedule::Automatic),
            Ok(("dpm++2m".into(), Some("karras".into())))
        );
        let old = offer(&["Euler", "DPM++ 2M", "DPM++ 2M Karras"], None);
        assert_eq!(sampling(&old, Sampler::DpmPp2m, Schedule::Karras), Ok(("DPM++ 2M Karras".into(), None)));
        assert_eq!(sampling(&old, Sampler::Euler, Schedule::Automatic), Ok(("Euler".into(), None)));
        assert!(sampling(&old, Sampler::Euler, Schedule::Karras).is_err());
    }

    #[test]
    fn a_model_is_found_by_title_name_or_hash_and_the_starter_only_where_it_is() {
        let offer = offer(&[], None);
        for name in ["dream", "Dream", "dream.safetensors", "dream.safetensors [879db523c3]", "879db523c3"] {
            let found = offer.model(&ModelChoice::Path(name.into()));
            assert_eq!(found.map(|model| model.name.as_str()), Some("dream"), "{name}");
        }
        assert_eq!(offer.model(&ModelChoice::Starter), None);
        assert_eq!(offer.model(&ModelChoice::Path("drea".into())), None);
        assert_eq!(offer.current_choice(), Some(ModelChoice::Path("Other".into())));
    }
}
