//! Taking over what a picture says about a second pass.

use super::inpaint::Taken;
use crate::engine::{SecondPass, Settings, Upscaler};
use crate::picture::infotext_second_pass::{OVERLAP, SCALE, UPSCALER};

/// What is done with a setting about a second pass, by its name in lower case; `None` if it is another one.
pub(super) fn take(name: &str, value: &str) -> Option<Taken> {
    if name.eq_ignore_ascii_case(OVERLAP) {
        return Some(set(value.parse::<usize>().ok(), |pass, overlap| pass.overlap = overlap));
    }
    if name.eq_ignore_ascii_case(SCALE) {
        return Some(set(value.parse::<f64>().ok(), |pass, scale| pass.scale = scale));
    }
    if !name.eq_ignore_ascii_case(UPSCALER) {
        return None;
    }
    // The web UI enlarges nothing with this one.
    if value.eq_ignore_ascii_case("none") {
        return Some(set(Some(()), |pass, ()| pass.scale = 1.0));
    }
    Some(set(Some(Upscaler::from_name(value)), |pass, upscaler| pass.upscaler = upscaler))
}

fn set<T: 'static>(value: Option<T>, set: impl FnOnce(&mut SecondPass, T) + 'static) -> Taken {
    let Some(value) = value else { return Taken::Unreadable };
    Taken::Set(Box::new(move |settings: &mut Settings| set(settings.second_pass.get_or_insert_default(), value)))
}

#[cfg(test)]
mod tests {
    use super::super::Parameters;
    use super::*;
    use crate::engine::Recipe;

    #[test]
    fn every_setting_comes_back_as_it_was_written() {
        for upscaler in [Upscaler::Lanczos, Upscaler::Nearest, Upscaler::File("4x-UltraSharp".into())] {
            let pass = SecondPass { scale: 1.5, overlap: 96, upscaler };
            let settings = Settings { second_pass: Some(pass), strength: 0.3, seed: 3, ..Settings::default() };
            let recipe = Recipe { settings, seed: 3, from_picture: true, ..Recipe::default() };
            let text = recipe.infotext();
            assert!(text.contains("SD upscale overlap: 96, SD upscale upscaler: "), "{text}");
            let mut back = Settings::default();
            assert_eq!(Parameters::read(&text).apply_to(&mut back), [], "{text}");
            assert_eq!(back, recipe.settings);
        }
    }

    #[test]
    fn what_the_web_ui_writes_is_taken_over() {
        let applied = |line: &str| {
            let mut settings = Settings { second_pass: Some(SecondPass::default()), ..Settings::default() };
            let left =
                Parameters::read(&format!("x\nSteps: 20, Sampler: Euler, Seed: 1{line}")).apply_to(&mut settings);
            (settings.second_pass, left.len())
        };
        let pass = SecondPass { upscaler: Upscaler::File("R-ESRGAN 4x+".into()), ..SecondPass::default() };
        assert_eq!(applied(", SD upscale overlap: 64, SD upscale upscaler: R-ESRGAN 4x+"), (Some(pass), 0));
        let none = SecondPass { scale: 1.0, ..SecondPass::default() };
        assert_eq!(applied(", SD upscale overlap: 64, SD upscale upscaler: None"), (Some(none), 0));
        assert_eq!(applied(", SD upscale overlap: wide"), (None, 1));
        assert_eq!(applied(""), (None, 0));
    }
}
