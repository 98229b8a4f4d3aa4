//! `--control`: which ControlNets are followed, and what each of them follows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use image::RgbImage;

use super::models::named_control;
use crate::engine::{ControlHint, ControlMode, ControlSettings, ControlSource, Preprocessor, is_bare_name};
use crate::picture::{Fit, Placement, fit, open};

/// A ControlNet as it is typed: `model=PATH,image=PNG,preprocess=lineart,weight=1,start=0,end=1,mode=balanced`.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlArg {
    settings: ControlSettings,
    /// The picture to follow; `None` for the start image.
    image: Option<PathBuf>,
}

/// The names that can be given, each with what it takes.
const KEYS: [&str; 7] = ["model", "image", "preprocess", "weight", "start", "end", "mode"];

/// Reads a ControlNet as it is typed.
///
/// # Errors
/// The end of a sentence: what cannot be read, and what can be said.
pub(super) fn control(text: &str) -> Result<ControlArg, String> {
    let mut arg = ControlArg { settings: ControlSettings::default(), image: None };
    for (key, value) in pairs(text, &KEYS)? {
        let number = || value.parse::<f64>().map_err(|_| format!("{key} is a number such as 0.5, not {value}"));
        let settings = &mut arg.settings;
        match key.as_str() {
            "model" => settings.model = PathBuf::from(&value),
            "image" => arg.image = Some(PathBuf::from(&value)),
            "preprocess" => {
                let known = Preprocessor::ALL.map(Preprocessor::id).join(", ");
                settings.preprocessor =
                    Preprocessor::from_name(&value).ok_or_else(|| format!("preprocess is one of {known}"))?;
            }
            "weight" => settings.weight = number()?,
            "start" => settings.start = number()?,
            "end" => settings.end = number()?,
            _ => {
                settings.mode = ControlMode::from_name(&value).ok_or("mode is one of balanced, prompt, control")?;
            }
        }
    }
    arg.settings.check().map_err(|error| error.to_string().trim_end_matches('.').to_owned())?;
    arg.settings.source = arg.image.clone().map_or(ControlSource::Sketch, ControlSource::File);
    Ok(arg)
}

/// `key=value,key=value` as pairs. A comma that no known key follows belongs to the value, so that paths may have commas.
pub(super) fn pairs(text: &str, keys: &[&str]) -> Result<Vec<(String, String)>, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in text.split(',') {
        let key = part.split_once('=').map(|(key, value)| (key.trim().to_ascii_lowercase(), value));
        match (key, pairs.last_mut()) {
            (Some((key, value)), _) if keys.contains(&key.as_str()) => {
                if pairs.iter().any(|(known, _)| *known == key) {
                    return Err(format!("{key} is given twice"));
                }
                pairs.push((key, value.trim().to_owned()));
            }
            (_, Some((_, value))) => *value += &format!(",{part}"),
            (_, None) => return Err(format!("write model=FILE and what else is to be said: {}", keys.join(", "))),
        }
    }
    Ok(pairs)
}

/// The controls of a round: those that are given, else those of the settings that it begins with. A name in the place of a
/// file is looked up among the models on this machine.
///
/// # Errors
/// A name that is not here, or a file that does not exist, as one sentence.
pub(super) fn controls(given: &[ControlArg], own: &[ControlSettings]) -> anyhow::Result<Vec<ControlSettings>> {
    let mut controls: Vec<ControlSettings> = match given {
        [] => own.to_vec(),
        given => given.iter().map(|arg| arg.settings.clone()).collect(),
    };
    for control in controls.iter_mut().filter(|control| !control.model.exists()) {
        if !is_bare_name(&control.model) {
            bail!("There is no ControlNet at {}.", control.model.display());
        }
        control.model = named_control(&control.model.to_string_lossy())?;
    }
    Ok(controls)
}

/// From what the pictures of controls are made.
pub(super) struct HintSources<'a> {
    /// Whether the round starts from a picture.
    pub from_picture: bool,
    /// The picture that it starts from, or would, if it is at hand.
    pub start: Option<&'a RgbImage>,
    /// The picture of a source inside a document, with the way in which it meets the size of the results.
    pub of_document: &'a dyn Fn(&ControlSource) -> Option<(RgbImage, Fit)>,
    /// The size that the pictures must have.
    pub size: (u32, u32),
    /// How pictures of another size are fitted.
    pub fit: Fit,
}

impl HintSources<'_> {
    /// The picture of each control, in the right size. `notice` is told where one is resized.
    ///
    /// # Errors
    /// A file that cannot be read, or a control without anything to follow, as one sentence.
    pub fn hints(&self, controls: &[ControlSettings], notice: &dyn Fn(&str)) -> anyhow::Result<Vec<ControlHint>> {
        controls.iter().map(|control| self.hint(&control.source, notice)).collect()
    }

    fn hint(&self, source: &ControlSource, notice: &dyn Fn(&str)) -> anyhow::Result<ControlHint> {
        let fitted = |picture: &RgbImage, how: Fit| {
            ControlHint::Picture(Arc::new(fit(picture, self.size.0, self.size.1, how, [255; 3])))
        };
        if let ControlSource::File(path) = source {
            let picture = open(path)?;
            self.say_if_resized(&picture, path, notice);
            return Ok(fitted(&picture, self.fit));
        }
        if *source == ControlSource::Sketch && self.from_picture {
            return Ok(ControlHint::StartImage);
        }
        if let (ControlSource::Sketch, Some(start)) = (source, self.start) {
            return Ok(fitted(start, self.fit));
        }
        match (self.of_document)(source) {
            Some((picture, how)) => Ok(fitted(&picture, how)),
            None => bail!("A control needs a picture to follow: add image=FILE to --control, or give --init."),
        }
    }

    fn say_if_resized(&self, picture: &RgbImage, path: &Path, notice: &dyn Fn(&str)) {
        let placement = Placement::new(picture.dimensions(), self.size, self.fit);
        if let Some(text) = placement.notice(&path.display().to_string(), "the result") {
            notice(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_and_the_rest_is_usual() {
        let arg = control("model=/c/lines.pth").expect("reads");
        assert_eq!(arg.image, None);
        assert_eq!(arg.settings, ControlSettings { model: "/c/lines.pth".into(), ..ControlSettings::default() });
        let arg =
            control("model=/c/a,b=c.pth,image=/p/x, y.png,preprocess=Canny,weight=0.6,start=0.1,end=0.5,mode=control")
                .expect("reads");
        let want = ControlSettings {
            model: "/c/a,b=c.pth".into(),
            source: ControlSource::File("/p/x, y.png".into()),
            preprocessor: Preprocessor::Canny,
            weight: 0.6,
            start: 0.1,
            end: 0.5,
            mode: ControlMode::Control,
        };
        assert_eq!(arg.settings, want);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, says) in [
            ("", "write model=FILE"),
            ("lines.pth", "write model=FILE"),
            ("weight=1", "needs the file"),
            ("model=a,weight=much", "weight is a number"),
            ("model=a,weight=3", "between 0 and 2"),
            ("model=a,start=0.6,end=0.5", "start before it ends"),
            ("model=a,preprocess=pose", "none, invert, threshold, xdog, lineart, canny, depth"),
            ("model=a,mode=soft", "balanced, prompt, control"),
            ("model=a,model=b", "twice"),
        ] {
            let error = control(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
