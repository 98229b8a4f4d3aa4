//! What a checkpoint says its UNet predicts: the noise, or the velocity (v-prediction).

use std::path::Path;

use crate::diffusion::files::kind::Contents;

const EPSILON: &str = "epsilon";
const VELOCITY: &str = "v_prediction";

/// The longest config beside a checkpoint that is read.
const MAX_CONFIG: u64 = 1 << 20;

/// The prediction, by diffusers' name, that the file itself names or the config beside it: a `.yaml` of the
/// same name, as AUTOMATIC1111 reads it. `None` where none does.
pub(super) fn named(path: &Path, contents: &Contents) -> Option<&'static str> {
    if contents.shapes.contains_key("v_pred") {
        return Some(VELOCITY);
    }
    contents.metadata.get("modelspec.prediction_type").and_then(|name| by_name(name)).or_else(|| beside(path))
}

fn by_name(name: &str) -> Option<&'static str> {
    match name.trim().trim_matches(['"', '\'']).to_lowercase().as_str() {
        "v" | "v_prediction" | "velocity" => Some(VELOCITY),
        "epsilon" | "eps" => Some(EPSILON),
        _ => None,
    }
}

fn beside(path: &Path) -> Option<&'static str> {
    let config = path.with_extension("yaml");
    let length = std::fs::metadata(&config).ok().filter(std::fs::Metadata::is_file)?.len();
    let text = (length <= MAX_CONFIG).then(|| std::fs::read_to_string(&config).ok())??;
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix("parameterization:")?;
        by_name(value.split('#').next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn contents(tensor: &str, metadata: &[(&str, &str)]) -> Contents {
        Contents {
            shapes: BTreeMap::from([(tensor.to_owned(), vec![])]),
            formats: BTreeMap::new(),
            metadata: metadata
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<HashMap<_, _>>(),
            keys: Vec::new(),
        }
    }

    #[test]
    fn a_tensor_the_header_or_a_config_beside_the_file_names_the_prediction() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("model.safetensors");
        assert_eq!(named(&path, &contents("x", &[])), None);
        assert_eq!(named(&path, &contents("v_pred", &[])), Some("v_prediction"));
        let header = |name| contents("x", &[("modelspec.prediction_type", name)]);
        assert_eq!(named(&path, &header("v")), Some("v_prediction"));
        assert_eq!(named(&path, &header("epsilon")), Some("epsilon"));
        assert_eq!(named(&path, &header("")), None);
        std::fs::write(folder.path().join("model.yaml"), "model:\n  params:\n    parameterization: \"v\" # velocity\n")
            .expect("writes");
        assert_eq!(named(&path, &contents("x", &[])), Some("v_prediction"));
        assert_eq!(named(&path, &header("epsilon")), Some("epsilon"));
    }
}
