//! How far a round is, in words, as a share, and in time left.

use std::time::Duration;

use crate::engine::{Plan, Settings, Stage};

/// Follows one round's events.
pub(super) struct Progress {
    /// The steps that each picture takes.
    steps: Vec<usize>,
    settings: Settings,
    plan: Plan,
    done: usize,
    text: String,
    /// When the first step was done (seconds of the window's clock), to tell time left from.
    first: Option<(f64, usize)>,
    latest: f64,
}

impl Progress {
    /// `from_picture`: whether the round starts from the canvas.
    pub fn new(settings: &Settings, plan: &Plan, from_picture: bool) -> Self {
        Self {
            steps: plan.steps_to_report(settings, from_picture),
            settings: settings.clone(),
            plan: plan.clone(),
            done: 0,
            text: "Starting".into(),
            first: None,
            latest: 0.0,
        }
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.text = text.into();
    }

    pub fn stage(&mut self, stage: Stage) {
        self.text = match stage {
            Stage::ReadingPrompt => "Reading the prompt".into(),
            Stage::Encoding => "Reading the sketch".into(),
            Stage::Decoding(image) => format!("Finishing image {} of {}", image + 1, self.steps.len()),
        };
    }

    /// `now` in seconds.
    pub fn step(&mut self, image: usize, step: usize, steps: usize, now: f64) {
        if let Some(planned) = self.steps.get_mut(image) {
            *planned = steps;
        }
        self.done = self.steps.iter().take(image).sum::<usize>() + step;
        self.latest = now;
        self.first.get_or_insert((now, self.done));
        self.text = format!("Image {} of {}, step {step} of {steps}", image + 1, self.steps.len());
        let Settings { steps: asked, strength, .. } = self.plan.settings_of(image, &self.settings);
        if steps != asked {
            self.text += &format!(": {asked} steps at strength {strength} run {steps}");
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// `0..=1`.
    pub fn share(&self) -> f32 {
        self.done as f32 / self.all().max(1) as f32
    }

    fn all(&self) -> usize {
        self.steps.iter().sum()
    }

    /// From the pace so far; none before there is one.
    pub fn time_left(&self) -> Option<Duration> {
        let (begun, first) = self.first?;
        let made = self.done.checked_sub(first).filter(|made| *made > 0)?;
        let pace = (self.latest - begun) / made as f64;
        let left = self.all().saturating_sub(self.done);
        Duration::try_from_secs_f64(pace * left as f64).ok()
    }
}

/// "8 s", "2 min 05 s".
pub(super) fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_tell_image_step_and_why_fewer_steps_run() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true);
        progress.step(1, 7, 16, 0.0);
        assert_eq!(progress.text(), "Image 2 of 4, step 7 of 16: 20 steps at strength 0.75 run 16");
        assert!((progress.share() - 23.0 / 64.0).abs() < 1e-6);
    }

    #[test]
    fn pictures_of_a_sheet_may_take_different_numbers_of_steps() {
        let plan = Plan { sheet: Some(crate::engine::Sheet::strength_ladder()), mask: None };
        let mut progress = Progress::new(&Settings::default(), &plan, true);
        progress.step(3, 19, 19, 0.0);
        assert_eq!(progress.text(), "Image 4 of 4, step 19 of 19: 20 steps at strength 0.9 run 19");
        assert!((progress.share() - 1.0).abs() < 1e-6, "{}", progress.share());
    }

    #[test]
    fn time_left_follows_the_pace() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true);
        assert_eq!(progress.time_left(), None);
        progress.step(0, 1, 16, 10.0);
        assert_eq!(progress.time_left(), None);
        progress.step(0, 3, 16, 12.0);
        assert_eq!(progress.time_left(), Some(Duration::from_secs(61)));
        assert_eq!(in_words(Duration::from_secs(61)), "1 min 01 s");
        assert_eq!(in_words(Duration::from_millis(7200)), "8 s");
    }
}
