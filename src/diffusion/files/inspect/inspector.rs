//! Inspection as the search for models asks for it.

use std::path::Path;
use std::sync::Arc;

use super::inspect_model;
use crate::diffusion::estimate::published_estimator;
use crate::diffusion::files::kind::{Family, STARTER_TEXT_WIDTH, WeightsKind};
use crate::engine::Estimator;
use crate::models::{BaseModel, FoundKind, InspectedFile, Inspector};

/// Says what model files are by their headers and configs, as [`inspect_model`] does.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeaderInspector;

impl Inspector for HeaderInspector {
    fn inspect(&self, path: &Path) -> InspectedFile {
        let report = inspect_model(path);
        let kind = match report.kind {
            WeightsKind::Model => FoundKind::Model,
            WeightsKind::Lora => FoundKind::Lora,
            WeightsKind::TextualInversion => FoundKind::TextualInversion,
            WeightsKind::Vae | WeightsKind::TinyVae => FoundKind::Vae,
            WeightsKind::ControlNet => FoundKind::ControlNet,
            // It is used as a ControlNet is.
            WeightsKind::T2iAdapter => FoundKind::ControlNet,
            WeightsKind::Upscaler => FoundKind::Upscaler,
            WeightsKind::Captioner => FoundKind::Captioner,
            WeightsKind::DepthEstimator => FoundKind::DepthEstimator,
            WeightsKind::Segmenter => FoundKind::Segmenter,
            _ => FoundKind::Other,
        };
        let is_starters = report.textual_inversion.as_ref().is_some_and(|word| word.widths == [STARTER_TEXT_WIDTH]);
        let base = if is_starters { Some(BaseModel::starter()) } else { report.family.map(base) };
        let precision = report.precision.iter().max_by_key(|(_, count)| **count);
        InspectedFile {
            kind,
            usable: report.usable,
            sentence: report.sentence,
            base,
            precision: precision.map(|(name, _)| name.clone()).unwrap_or_default(),
            prediction: report.prediction.map(str::to_owned),
            tiny_vae: report.kind == WeightsKind::TinyVae,
        }
    }

    fn estimator(&self, shape: &str) -> Option<Arc<dyn Estimator>> {
        published_estimator(shape)
    }
}

/// A family under the name that it has in JSON.
fn base(family: Family) -> BaseModel {
    let id = serde_json::to_value(family).ok().and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
    BaseModel { id, label: family.label().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starters_folder_and_other_files_are_told() {
        let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter");
        let model = HeaderInspector.inspect(&starter);
        assert_eq!((model.kind, model.usable), (FoundKind::Model, true));
        assert_eq!((model.precision.as_str(), model.prediction.as_deref()), ("f16", Some("v_prediction")));
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let other = HeaderInspector.inspect(&tests.join("prompts.json"));
        assert_eq!((other.kind, other.usable), (FoundKind::Other, false));
        assert!(other.sentence.contains("prompts.json"), "{}", other.sentence);
        assert_eq!(base(Family::Sd1).id, "sd1");
        assert_eq!(base(Family::StableCascade).id, "stable_cascade");
    }
}
