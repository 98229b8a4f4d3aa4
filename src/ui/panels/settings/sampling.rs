//! The sampler and its schedule.

use egui::RichText;

use crate::engine::{Sampler, Schedule, Settings};
use crate::ui::state::ModelState;
use crate::ui::theme;
use crate::ui::widgets::labelled_list;

pub(super) fn sampler(ui: &mut egui::Ui, chosen: &mut Sampler, model: &ModelState) {
    let help = "The sampling method. DPM++ 2M is clean and repeatable. Samplers with \"a\" or \"SDE\" add fresh noise at each step, so their result changes with the number of steps. Heun, DPM2 and 2S evaluate the model twice a step. LCM and TCD are for models distilled for them.";
    labelled_list(ui, "Sampler", help, chosen.label().into(), |ui| {
        for sampler in Sampler::ALL {
            let has = model.limits.has_sampler(sampler);
            let entry = ui.add_enabled(has, egui::Button::selectable(*chosen == sampler, sampler.label()));
            if entry.on_disabled_hover_text(lacks(model, "sampler")).clicked() {
                *chosen = sampler;
            }
        }
    });
    if !model.limits.has_sampler(*chosen) {
        ui.label(RichText::new(lacks(model, "sampler")).small().color(theme::colors(ui).error));
    }
}

/// Why an entry is grey.
fn lacks(model: &ModelState, what: &str) -> String {
    format!("{} does not have this {what}.", model.server.as_deref().unwrap_or("The engine"))
}

pub(super) fn schedule(ui: &mut egui::Ui, settings: &mut Settings, model: &ModelState) {
    let help = "How the noise levels of the steps are spaced. Karras spends most steps on fine detail; Automatic takes what suits the sampler.";
    if settings.sampler.has_fixed_schedule() {
        ui.label("Schedule").on_hover_text(help);
        let text = format!("{} has its own schedule of evenly spaced timesteps.", settings.sampler.label());
        ui.label(RichText::new(text).small().weak());
        return;
    }
    let automatic = settings.sampler.own_schedule().label();
    let name = |schedule: Schedule| match schedule {
        Schedule::Automatic => format!("Automatic ({automatic})"),
        other => other.label().to_owned(),
    };
    labelled_list(ui, "Schedule", help, name(settings.schedule), |ui| {
        for schedule in Schedule::all() {
            let has = model.limits.has_schedule(schedule);
            let entry = ui.add_enabled(has, egui::Button::selectable(settings.schedule == schedule, name(schedule)));
            if entry.on_disabled_hover_text(lacks(model, "schedule")).clicked() {
                settings.schedule = schedule;
            }
        }
    });
    if !model.limits.has_schedule(settings.schedule) {
        ui.label(RichText::new(lacks(model, "schedule")).small().color(theme::colors(ui).error));
    }
}
