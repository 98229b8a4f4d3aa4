//! Taking over what a picture says about a masked part that was repainted.

use crate::engine::{Inpaint, InpaintArea, MaskedContent, Settings};
use crate::picture::infotext_inpaint::SOFT_METHOD;

/// What is done with one setting.
pub(super) enum Taken {
    /// It changes these settings.
    Set(Box<dyn FnOnce(&mut Settings)>),
    /// It is no value for this setting.
    Unreadable,
    /// It is left out, for this reason.
    Left(&'static str),
    /// It says nothing that has to be taken over.
    Nothing,
}

/// What is done with a setting about inpainting, by its name in lower case; `None` if it is another one.
pub(super) fn take(name: &str, value: &str) -> Option<Taken> {
    let whole = || value.parse::<f64>().ok().filter(|v| v.fract() == 0.0 && (0.0..1e9).contains(v)).map(|v| v as usize);
    Some(match name {
        "mask blur" => set(whole(), |inpaint, blur| inpaint.blur = blur),
        "mask mode" => {
            let inverted = match value.to_ascii_lowercase().as_str() {
                "inpaint masked" => Some(false),
                "inpaint not masked" => Some(true),
                _ => None,
            };
            set(inverted, |inpaint, inverted| inpaint.inverted = inverted)
        }
        "inpaint area" => set(InpaintArea::from_name(value), |inpaint, area| inpaint.area = area),
        "masked area padding" => set(whole(), |inpaint, padding| inpaint.padding = padding),
        "masked content" => set(MaskedContent::from_name(value), |inpaint, content| inpaint.content = content),
        "soft inpainting enabled" => {
            let soft = match value.to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
            set(soft, |inpaint, soft| inpaint.soft = soft)
        }
        "soft inpainting method" if value.eq_ignore_ascii_case(SOFT_METHOD) => Taken::Nothing,
        "conditional mask weight" if value.parse() == Ok(1.0) => Taken::Nothing,
        "conditional mask weight" => {
            Taken::Left("inpainting models always see the masked picture without its masked part")
        }
        name if name.starts_with("soft inpainting ") => {
            Taken::Left("soft inpainting is differential diffusion here, which has no such setting")
        }
        _ => return None,
    })
}

fn set<T: 'static>(value: Option<T>, set: impl FnOnce(&mut Inpaint, T) + 'static) -> Taken {
    let Some(value) = value else { return Taken::Unreadable };
    Taken::Set(Box::new(move |settings| {
        // Whoever says how a part was repainted kept the rest.
        settings.keep_unpainted = true;
        set(settings.inpaint.get_or_insert_default(), value);
    }))
}

#[cfg(test)]
mod tests {
    use super::super::Parameters;
    use super::*;
    use crate::engine::Recipe;

    fn applied(line: &str) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let text = format!("x\nSteps: 20, Sampler: Euler, Seed: 1, Denoising strength: 0.6{line}");
        let left = Parameters::read(&text).apply_to(&mut settings);
        (settings, left.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_setting_comes_back_as_it_was_written() {
        for area in InpaintArea::ALL {
            for content in MaskedContent::ALL {
                for (inverted, soft) in [(false, true), (true, false)] {
                    let padding = if area == InpaintArea::OnlyMasked { 48 } else { Inpaint::default().padding };
                    let inpaint = Inpaint { blur: 0, area, padding, content, inverted, soft };
                    let settings = Settings {
                        inpaint: Some(inpaint),
                        image_cfg: Some(1.25),
                        keep_unpainted: true,
                        seed: 3,
                        ..Settings::default()
                    };
                    let recipe = Recipe { settings, seed: 3, from_picture: true, ..Recipe::default() };
                    let mut back = Settings::default();
                    assert_eq!(Parameters::read(&recipe.infotext()).apply_to(&mut back), [], "{}", recipe.infotext());
                    assert_eq!(back, recipe.settings);
                }
            }
        }
    }

    #[test]
    fn what_automatic1111_writes_is_taken_over() {
        let (settings, left) = applied(
            ", Mask mode: Inpaint not masked, Mask blur: 9, Inpaint area: Only masked, Masked area padding: 64, \
             Masked content: latent noise, Conditional mask weight: 1.0",
        );
        assert_eq!(left, [""; 0]);
        let want = Inpaint {
            blur: 9,
            area: InpaintArea::OnlyMasked,
            padding: 64,
            content: MaskedContent::LatentNoise,
            inverted: true,
            soft: false,
        };
        assert_eq!((settings.inpaint, settings.keep_unpainted), (Some(want), true));
        let (settings, left) =
            applied(", Mask blur: 4, Soft inpainting enabled: True, Soft inpainting schedule bias: 1");
        assert!(settings.inpaint.is_some_and(|inpaint| inpaint.soft));
        assert_eq!(left.len(), 1);
        assert!(left[0].contains("differential diffusion"), "{left:?}");
    }

    #[test]
    fn what_is_no_value_is_said_and_changes_nothing() {
        let (settings, left) = applied(", Mask blur: 999, Masked content: paint, Mask mode: both");
        assert_eq!(settings.inpaint, None);
        assert_eq!(left.len(), 3, "{left:?}");
        let (settings, _) = applied("");
        assert!(!settings.keep_unpainted && settings.inpaint.is_none());
    }
}
