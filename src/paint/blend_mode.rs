//! The sixteen blend modes of W3C Compositing and Blending Level 1.

/// How the colours of a layer meet those below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BlendMode {
    /// The layer's own colour.
    #[default]
    Normal,
    /// Darkens as glazes or ink do: the product of both.
    Multiply,
    /// Lightens as light does: the product of the inverses, inverted.
    Screen,
    /// Multiply where the backdrop is dark, Screen where it is light.
    Overlay,
    /// The darker of both, channel by channel.
    Darken,
    /// The lighter of both, channel by channel.
    Lighten,
    /// Brightens the backdrop to reflect the layer.
    ColorDodge,
    /// Darkens the backdrop to reflect the layer.
    ColorBurn,
    /// Multiply where the layer is dark, Screen where it is light.
    HardLight,
    /// As Hard light, and softer.
    SoftLight,
    /// How far both are apart, channel by channel.
    Difference,
    /// As Difference, with less contrast.
    Exclusion,
    /// The layer's hue on the backdrop's saturation and luminosity.
    Hue,
    /// The layer's saturation on the backdrop's hue and luminosity.
    Saturation,
    /// The layer's hue and saturation on the backdrop's luminosity.
    Color,
    /// The layer's luminosity on the backdrop's hue and saturation.
    Luminosity,
}

/// 1 in the scale of the values that a mode gives.
const ONE: u32 = 255 * 255;

impl BlendMode {
    /// All modes, in the order of the specification.
    pub const ALL: [Self; 16] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
        Self::ColorDodge,
        Self::ColorBurn,
        Self::HardLight,
        Self::SoftLight,
        Self::Difference,
        Self::Exclusion,
        Self::Hue,
        Self::Saturation,
        Self::Color,
        Self::Luminosity,
    ];

    /// Its name in the specification, for example `color-dodge`; also what files hold.
    pub fn id(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Multiply => "multiply",
            Self::Screen => "screen",
            Self::Overlay => "overlay",
            Self::Darken => "darken",
            Self::Lighten => "lighten",
            Self::ColorDodge => "color-dodge",
            Self::ColorBurn => "color-burn",
            Self::HardLight => "hard-light",
            Self::SoftLight => "soft-light",
            Self::Difference => "difference",
            Self::Exclusion => "exclusion",
            Self::Hue => "hue",
            Self::Saturation => "saturation",
            Self::Color => "color",
            Self::Luminosity => "luminosity",
        }
    }

    /// The mode with this name in the specification.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.id() == id)
    }

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Multiply => "Multiply",
            Self::Screen => "Screen",
            Self::Overlay => "Overlay",
            Self::Darken => "Darken",
            Self::Lighten => "Lighten",
            Self::ColorDodge => "Colour dodge",
            Self::ColorBurn => "Colour burn",
            Self::HardLight => "Hard light",
            Self::SoftLight => "Soft light",
            Self::Difference => "Difference",
            Self::Exclusion => "Exclusion",
            Self::Hue => "Hue",
            Self::Saturation => "Saturation",
            Self::Color => "Colour",
            Self::Luminosity => "Luminosity",
        }
    }

    /// The colour that an opaque backdrop and an opaque source give, in 1/65025 of the full range.
    pub(super) fn blend(self, backdrop: [u8; 3], source: [u8; 3]) -> [u32; 3] {
        let each = |mode: fn(u32, u32) -> u32| {
            let channel = |i: usize| mode(u32::from(backdrop[i]), u32::from(source[i]));
            [channel(0), channel(1), channel(2)]
        };
        match self {
            Self::Normal => each(|_, s| 255 * s),
            Self::Multiply => each(multiply),
            Self::Screen => each(screen),
            Self::Overlay => each(|b, s| hard_light(s, b)),
            Self::Darken => each(|b, s| 255 * b.min(s)),
            Self::Lighten => each(|b, s| 255 * b.max(s)),
            Self::ColorDodge => each(color_dodge),
            Self::ColorBurn => each(|b, s| ONE - color_dodge(255 - b, 255 - s)),
            Self::HardLight => each(hard_light),
            Self::SoftLight => each(soft_light),
            Self::Difference => each(|b, s| 255 * b.abs_diff(s)),
            Self::Exclusion => each(|b, s| 255 * (b + s) - 2 * b * s),
            Self::Hue => mixed(set_saturation(unit(source), saturation(unit(backdrop))), unit(backdrop)),
            Self::Saturation => mixed(set_saturation(unit(backdrop), saturation(unit(source))), unit(backdrop)),
            Self::Color => mixed(unit(source), unit(backdrop)),
            Self::Luminosity => mixed(unit(backdrop), unit(source)),
        }
    }
}

fn multiply(b: u32, s: u32) -> u32 {
    b * s
}

fn screen(b: u32, s: u32) -> u32 {
    255 * (b + s) - b * s
}

fn hard_light(b: u32, s: u32) -> u32 {
    if 2 * s <= 255 { multiply(b, 2 * s) } else { screen(b, 2 * s - 255) }
}

fn color_dodge(b: u32, s: u32) -> u32 {
    match (b, 255 - s) {
        (0, _) => 0,
        (_, 0) => ONE,
        (b, rest) => ((b * ONE + rest / 2) / rest).min(ONE),
    }
}

fn soft_light(b: u32, s: u32) -> u32 {
    let (b, s) = (b as f32 / 255.0, s as f32 / 255.0);
    let blended = if s <= 0.5 {
        b - (1.0 - 2.0 * s) * b * (1.0 - b)
    } else {
        let d = if b <= 0.25 { ((16.0 * b - 12.0) * b + 4.0) * b } else { b.sqrt() };
        b + (2.0 * s - 1.0) * (d - b)
    };
    scaled(blended)
}

/// A value of the unit range in the scale of the modes.
fn scaled(value: f32) -> u32 {
    (value.clamp(0.0, 1.0) * ONE as f32 + 0.5) as u32
}

type Unit = [f32; 3];

fn unit(color: [u8; 3]) -> Unit {
    color.map(|channel| f32::from(channel) / 255.0)
}

/// The hue and saturation of one colour with the luminosity of another.
fn mixed(color: Unit, light: Unit) -> [u32; 3] {
    set_luminosity(color, luminosity(light)).map(scaled)
}

fn luminosity([r, g, b]: Unit) -> f32 {
    0.3 * r + 0.59 * g + 0.11 * b
}

fn saturation([r, g, b]: Unit) -> f32 {
    r.max(g).max(b) - r.min(g).min(b)
}

fn set_luminosity(color: Unit, wanted: f32) -> Unit {
    let step = wanted - luminosity(color);
    let moved = color.map(|channel| channel + step);
    let light = luminosity(moved);
    let [r, g, b] = moved;
    let (least, most) = (r.min(g).min(b), r.max(g).max(b));
    let mut clipped = moved;
    if least < 0.0 {
        clipped = clipped.map(|channel| light + (channel - light) * light / (light - least));
    }
    if most > 1.0 {
        clipped = clipped.map(|channel| light + (channel - light) * (1.0 - light) / (most - light));
    }
    clipped
}

fn set_saturation(color: Unit, wanted: f32) -> Unit {
    let [r, g, b] = color;
    let least = r.min(g).min(b);
    let range = r.max(g).max(b) - least;
    if range <= 0.0 { [0.0; 3] } else { color.map(|channel| (channel - least) * wanted / range) }
}
