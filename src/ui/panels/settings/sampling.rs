//! The sampler and its schedule.

use egui::RichText;

use crate::engine::{Sampler, Schedule, Settings};
use crate::ui::widgets::labelled_list;

pub(super) fn sampler(ui: &mut egui::Ui, chosen: &mut Sampler) {
    let help = "The sampling method. DPM++ 2M is clean and repeatable. Samplers with \"a\" or \"SDE\" add fresh noise at each step, so their result changes with the number of steps. Heun, DPM2 and 2S evaluate the model twice a step. LCM and TCD are for models distilled for them.";
    labelled_list(ui, "Sampler", help, chosen.label().into(), |ui| {
        for sampler in Sampler::ALL {
            ui.selectable_value(chosen, sampler, sampler.label());
        }
    });
}

pub(super) fn schedule(ui: &mut egui::Ui, settings: &mut Settings) {
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
            ui.selectable_value(&mut settings.schedule, schedule, name(schedule));
        }
    });
}
