//! The question over which settings a sheet varies.

use egui::{ComboBox, Context, Id, Modal, RichText, TextEdit, Ui};

use crate::engine::{Error, Plan, Settings, Sheet, SheetAxis, SheetSetting};
use crate::ui::state::WindowState;
use crate::ui::{RefineCommand, UserCommand, theme};

const VALUES_HELP: &str = "Values separated by commas, or a range: 0.4-0.8 (+0.1) counts by 0.1, 0.4-0.8 [5] makes five values. Samplers and schedules are given by name.";

/// The settings and values typed for a sheet.
pub(in crate::ui) struct SheetDialog {
    /// Whether the question is on show.
    pub is_open: bool,
    columns: TypedAxis,
    rows: TypedAxis,
}

/// One axis as it is typed.
struct TypedAxis {
    /// `None` for a sheet of one row.
    setting: Option<SheetSetting>,
    values: String,
}

impl Default for SheetDialog {
    fn default() -> Self {
        Self {
            is_open: false,
            columns: TypedAxis { setting: Some(SheetSetting::Strength), values: "0.45, 0.6, 0.75, 0.9".into() },
            rows: TypedAxis { setting: Some(SheetSetting::CfgScale), values: "5, 8, 11".into() },
        }
    }
}

impl SheetDialog {
    /// The sheet that is typed now, and whether these settings allow it.
    ///
    /// # Errors
    /// What is wrong with it, as one sentence.
    fn sheet(&self, settings: &Settings) -> Result<Sheet, Error> {
        let read = |axis: &TypedAxis| axis.setting.map(|setting| SheetAxis::read(setting, &axis.values)).transpose();
        let columns = read(&self.columns)?.ok_or_else(|| Error::Setting("Choose what the columns vary.".into()))?;
        let sheet = Sheet::new(columns, read(&self.rows)?)?;
        Plan { sheet: Some(sheet.clone()), ..Plan::default() }.check(settings)?;
        Ok(sheet)
    }
}

/// Shows the question while it is open. Escape, a click beside it and its button close it.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    if !state.refine.sheet.is_open {
        return None;
    }
    let mut command = None;
    let dialog = &mut state.refine.sheet;
    let settings = state.document.settings();
    let shown = Modal::new(Id::unique("sheet")).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 80.0).min(440.0));
        theme::section(ui, "Sheet");
        ui.label("Pictures with the same seed, over which one or two settings vary.");
        axis(ui, "Columns", &mut dialog.columns, false);
        axis(ui, "Rows", &mut dialog.rows, true);
        let sheet = dialog.sheet(settings);
        match &sheet {
            Ok(sheet) if sheet.cells() == 1 => ui.label("1 picture"),
            Ok(sheet) => ui.label(format!("{} pictures", sheet.cells())),
            Err(error) => ui.label(RichText::new(error.to_string()).color(theme::colors(ui).error)),
        };
        ui.horizontal(|ui| {
            let make = egui::Button::new(RichText::new("Make sheet").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            let make = ui.add_enabled(sheet.is_ok(), make);
            let make = make.on_disabled_hover_text("The values cannot be used as they are.");
            if let (true, Ok(sheet)) = (make.clicked(), sheet) {
                command = Some(RefineCommand::MakeSheet(sheet).into());
            }
            ui.button("Close").clicked()
        })
        .inner
    });
    if shown.inner || shown.should_close() || command.is_some() {
        dialog.is_open = false;
    }
    command
}

fn axis(ui: &mut Ui, name: &str, axis: &mut TypedAxis, optional: bool) {
    ui.add_space(4.0);
    let label = ui.label(name);
    let shown = |setting: Option<SheetSetting>| setting.map_or("one row only", SheetSetting::label);
    let list = ComboBox::from_id_salt(name).width(200.0).selected_text(shown(axis.setting)).show_ui(ui, |ui| {
        let none = optional.then_some(None);
        for setting in none.into_iter().chain(SheetSetting::ALL.map(Some)) {
            ui.selectable_value(&mut axis.setting, setting, shown(setting));
        }
    });
    list.response.labelled_by(label.id);
    ui.add_enabled_ui(axis.setting.is_some(), |ui| {
        let values = ui.label(format!("{name}: values")).on_hover_text(VALUES_HELP);
        ui.add(TextEdit::singleline(&mut axis.values).desired_width(f32::INFINITY))
            .labelled_by(values.id)
            .on_hover_text(VALUES_HELP);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_sheet_or_says_what_is_wrong() {
        let (mut dialog, settings) = (SheetDialog::default(), Settings::default());
        assert_eq!(dialog.sheet(&settings).expect("the usual one").cells(), 12);
        dialog.rows.setting = None;
        assert_eq!(dialog.sheet(&settings).expect("one row"), Sheet::strength_ladder());
        for (values, told) in [("much", "is not a value"), ("", "at least one value"), ("0.5, 1.5", "between 0 and 1")]
        {
            dialog.columns.values = values.into();
            let error = dialog.sheet(&settings).expect_err(values).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
