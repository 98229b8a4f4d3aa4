//! The panels that can be moved, and the sides they can be moved to.

/// A panel beside the canvas that can be folded and moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DockPanel {
    /// How the brush paints.
    Brush,
    /// The current colour.
    Color,
    /// The layers.
    Layers,
    /// The tool in use, the selection and the mask.
    Select,
    /// The steps of undo.
    Undo,
    /// The settings of the next round.
    Settings,
}

/// A side of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DockSide {
    /// Beside the tools.
    Left,
    /// At the right edge.
    Right,
}

impl DockPanel {
    /// Every panel, in the order of the first launch.
    pub const ALL: [Self; 6] = [Self::Brush, Self::Color, Self::Select, Self::Layers, Self::Undo, Self::Settings];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Brush => "Brush",
            Self::Color => "Colour",
            Self::Layers => "Layers",
            Self::Select => "Tool and selection",
            Self::Undo => "Undo steps",
            Self::Settings => "Settings",
        }
    }

    /// Its name in the file that keeps the layout, and of its contents' ids.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Brush => "brush",
            Self::Color => "color",
            Self::Layers => "layers",
            Self::Select => "selection",
            Self::Undo => "undo",
            Self::Settings => "settings",
        }
    }

    /// Whether only its title is shown at the first launch.
    pub(super) fn starts_folded(self) -> bool {
        matches!(self, Self::Select | Self::Undo)
    }

    /// Where it is at the first launch.
    pub(super) fn home(self) -> DockSide {
        match self {
            Self::Brush | Self::Color => DockSide::Left,
            Self::Select | Self::Layers | Self::Undo | Self::Settings => DockSide::Right,
        }
    }
}

impl DockSide {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::Left, Self::Right];

    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// Its name, for assistive technology.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Left => "left side",
            Self::Right => "right side",
        }
    }
}
