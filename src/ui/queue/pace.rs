//! How fast pictures are made here, and when the queue will be done.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Local};

use crate::document::{Document, RoundId};
use crate::engine::Settings;
use crate::ui::progress::Progress;

/// What reading the start image and decoding a picture take, in steps; a rough value for pictures whose size was not
/// made yet.
const OTHER_STEPS: f64 = 2.0;

/// The share of the latest picture in the pace; the rest is what was measured before.
const NEWEST: f64 = 0.4;

/// The pace at which each model made pictures, in seconds for each step and pixel.
#[derive(Default)]
pub(in crate::ui) struct Pace {
    of_models: HashMap<String, f64>,
    latest: Option<f64>,
}

impl Pace {
    /// One picture took this long.
    pub fn measured(&mut self, model: &str, settings: &Settings, from_picture: bool, seconds: f64) {
        let pace = seconds / work(settings, from_picture);
        if !pace.is_finite() || pace <= 0.0 {
            return;
        }
        let known = self.of_models.entry(model.to_owned()).or_insert(pace);
        *known += (pace - *known) * NEWEST;
        self.latest = Some(*known);
    }

    /// How long all rounds of the queue will take; `None` before anything was measured. `running` is the progress of
    /// the running one. A model that was not used yet is taken to be as fast as the latest one, and before the first
    /// picture the steps of the running round count.
    pub fn time_left(&self, document: &Document, running: Option<&Progress>) -> Option<Duration> {
        let queue = document.queue();
        let known = |round: RoundId| document.rounds().get(round);
        let begun = queue.running().and_then(|job| known(job.round)).zip(running.and_then(Progress::pace));
        let of_steps = begun.map(|(round, seconds)| seconds / pixels(&round.settings));
        let mut seconds = 0.0;
        for job in queue.running().into_iter().chain(queue.waiting()) {
            let Some(round) = known(job.round) else { continue };
            let pace = self.of_models.get(&round.model).copied().or(self.latest).or(of_steps)?;
            let is_running = queue.running().is_some_and(|running| running.round == job.round);
            let begun = running.filter(|_| is_running).map_or(0.0, Progress::share_of_picture);
            // The pictures of a sheet may take different numbers of steps.
            let work_of = |image| work(&round.plan.settings_of(image, &round.settings), job.start.is_some());
            let missing = document.missing_images(job.round);
            let whole: f64 = missing.iter().map(|image| work_of(*image)).sum();
            let done = missing.first().map_or(0.0, |image| begun * work_of(*image));
            seconds += (whole - done).max(0.0) * pace;
        }
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// How much work one picture is, in steps times pixels. A second pass is taken to begin with a picture of a tile's size, as
/// it usually does.
fn work(settings: &Settings, from_picture: bool) -> f64 {
    let size = (settings.width as u32, settings.height as u32);
    let tiles = settings.second_pass.as_ref().map_or(1, |pass| pass.grid(settings, size).len());
    (settings.steps_to_report(from_picture) as f64 + OTHER_STEPS) * pixels(settings) * tiles as f64
}

fn pixels(settings: &Settings) -> f64 {
    settings.width as f64 * settings.height as f64
}

/// The time of day in so long a time: `14:32`, on another day with its name.
pub(super) fn time_of_day(now: DateTime<Local>, left: Duration) -> String {
    let Some(then) = chrono::TimeDelta::from_std(left).ok().and_then(|left| now.checked_add_signed(left)) else {
        return "in a very long time".into();
    };
    let format = if then.date_naive() == now.date_naive() { "%H:%M" } else { "%a %H:%M" };
    then.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::document::QueuedJob;
    use crate::engine::{ModelChoice, Plan, Sheet, SheetAxis};
    use crate::paint::{Rgb, Size};

    #[test]
    fn the_time_left_is_that_of_all_missing_pictures_at_the_measured_pace() {
        let settings = Settings { batch: 2, steps: 8, strength: 1.0, ..Settings::default() };
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, settings.clone());
        for seed in 0..3 {
            let (round, start) = document.begin_round(seed, "starter".into());
            document.queue_mut().add(QueuedJob::new(round, ModelChoice::Starter, start));
        }
        let mut pace = Pace::default();
        assert_eq!(pace.time_left(&document, None), None);
        document.begin_job();
        let mut first = Progress::new(&settings, &Plan::default(), false, &[0, 1]);
        first.step(0, 1, 8, 0.0);
        first.step(0, 4, 8, 1.5);
        let left = pace.time_left(&document, Some(&first)).map(|left| left.as_secs_f64());
        assert!(left.is_some_and(|left| (left - 27.5).abs() < 1e-6), "ten half seconds a picture: {left:?}");
        document.put_back_job();
        pace.measured("starter", &settings, false, 5.0);
        pace.measured("starter", &settings, false, 5.0);
        pace.measured("starter", &settings, false, f64::NAN);
        pace.measured("starter", &settings, false, -1.0);
        assert_eq!(pace.time_left(&document, None).map(|left| left.as_secs_f64().round()), Some(30.0));
        document.begin_job();
        document.skip_image();
        assert_eq!(pace.time_left(&document, None).map(|left| left.as_secs_f64().round()), Some(25.0));
        let mut progress = Progress::new(&settings, &Plan::default(), false, &[1]);
        progress.step(1, 4, 8, 0.0);
        let left = pace.time_left(&document, Some(&progress)).map(|left| left.as_secs_f64());
        assert!(left.is_some_and(|left| (left - 22.5).abs() < 1e-6), "{left:?}");
    }

    #[test]
    fn each_picture_of_a_sheet_takes_the_time_of_its_own_steps() {
        let settings = Settings { batch: 9, strength: 1.0, ..Settings::default() };
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, settings.clone());
        let sheet = Sheet::new(SheetAxis::Steps(vec![8, 18]), None).expect("a sheet");
        let plan = Plan { sheet: Some(sheet), ..Plan::default() };
        let (round, start) = document.begin_planned(1, plan, "starter".into());
        document.queue_mut().add(QueuedJob::new(round, ModelChoice::Starter, start));
        let mut pace = Pace::default();
        pace.measured("starter", &Settings { steps: 8, ..settings }, false, 5.0);
        assert_eq!(pace.time_left(&document, None).map(|left| left.as_secs_f64().round()), Some(15.0));
    }

    #[test]
    fn the_time_of_day_names_another_day() {
        let now = Local.with_ymd_and_hms(2026, 3, 4, 14, 2, 0).single().expect("a time");
        assert_eq!(time_of_day(now, Duration::from_secs(30 * 60)), "14:32");
        assert_eq!(time_of_day(now, Duration::from_secs(12 * 3600)), "Thu 02:02");
        assert_eq!(time_of_day(now, Duration::MAX), "in a very long time");
    }
}
