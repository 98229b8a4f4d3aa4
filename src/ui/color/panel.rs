//! The panel of colours, and what it remembers.

use egui::{RichText, Ui, WidgetInfo};

use super::current::CurrentColor;
use super::kept::Kept;
use super::numbers::HexField;
use super::palettes::PalettePanel;
use super::picker::{self, Picker};
use super::ramp::Ramp;
use super::recent::{self, RecentColors};
use super::{numbers, palettes, wells};
use crate::document::AreaSource;
use crate::paint::{ColorModel, Rgb, SampleArea};
use crate::palettes::PickerShape;
use crate::ui::{ColorCommand, UserCommand};

/// Everything about colours that the window shows.
pub(in crate::ui) struct ColorPanel {
    pub current: CurrentColor,
    pub picker: Picker,
    /// How many pixels the eyedropper averages.
    pub sample: SampleArea,
    /// Where on the canvas the eyedropper looks.
    pub source: AreaSource,
    pub recent: RecentColors,
    pub palettes: PalettePanel,
    /// The value ramp, while it is open.
    pub ramp: Option<Ramp>,
    /// Whether the eyedropper follows the pointer over a picture that is not the canvas.
    pub picks: bool,
    pub kept: Kept,
    hex: HexField,
}

impl ColorPanel {
    pub fn new(rgb: Rgb) -> Self {
        Self {
            current: CurrentColor::new(rgb),
            picker: Picker::default(),
            sample: SampleArea::default(),
            source: AreaSource::default(),
            recent: RecentColors::default(),
            palettes: PalettePanel::default(),
            ramp: None,
            picks: false,
            kept: Kept::default(),
            hex: HexField::default(),
        }
    }

    /// The colour that is painted with.
    pub fn color(&self) -> Rgb {
        self.current.rgb()
    }

    /// Remembers that the colour was painted with.
    pub fn used(&mut self) {
        self.recent.note(self.current.rgb());
    }

    /// Shows the panel. The current colour is edited in place by the picker and the numbers; all else is a command.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<UserCommand> {
        let mut command = heading(ui, self.current.model(), self.picker.shape);
        command = wells::ui(ui, &self.current).or(command);
        picker::ui(ui, &mut self.picker, &mut self.current);
        command = recent::ui(ui, &self.recent, self.current.rgb()).or(command);
        command = palettes::ui(ui, &mut self.palettes, self.current.rgb()).or(command);
        ui.add_space(2.0);
        numbers::ui(ui, &mut self.current, &mut self.hex);
        command
    }
}

/// The menu of how colours are dialled.
fn heading(ui: &mut Ui, model: ColorModel, shape: PickerShape) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let menu = ui.menu_button(RichText::new(model.name()).small(), |ui| {
                for (choice, help) in [
                    (ColorModel::Hsv, "Hue, saturation and value as most programs have them."),
                    (
                        ColorModel::Okhsv,
                        "Hue, saturation and value by how colours look: all hues of one value are equally bright.",
                    ),
                ] {
                    if ui.radio(model == choice, choice.name()).on_hover_text(help).clicked() {
                        command = Some(ColorCommand::ChooseModel(choice).into());
                        ui.close();
                    }
                }
                ui.separator();
                for (choice, name) in
                    [(PickerShape::Ring, "Ring with a square"), (PickerShape::Bar, "Field with a hue bar")]
                {
                    if ui.radio(shape == choice, name).clicked() {
                        command = Some(ColorCommand::ChooseShape(choice).into());
                        ui.close();
                    }
                }
            });
            let name = format!("Colours are dialled in {}", model.name());
            menu.response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
            menu.response.on_hover_text("How colours are dialled: the measure, and the shape of the picker.");
        });
    });
    command
}
