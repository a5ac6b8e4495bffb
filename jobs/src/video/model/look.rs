//! Where and how is a picture shown? Fields of image, video and colour clips, and placement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a clip stands in the frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Placement {
    /// The edge or corner of the frame that the clip is aligned to.
    pub position: Position,
    /// Shift from there, as fractions of the frame's width and height.
    pub offset: Offset,
    /// Size: 1 fits the clip to the whole frame, 0.3 to a box of 30 % of it.
    #[schemars(range(min = 0.01, max = 10.0))]
    pub scale: f64,
    /// 0 is invisible, 1 is opaque.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub opacity: f64,
    /// Seconds over which the clip appears.
    #[schemars(range(min = 0.0))]
    pub fade_in: f64,
    /// Seconds over which it vanishes.
    #[schemars(range(min = 0.0))]
    pub fade_out: f64,
}

impl Default for Placement {
    fn default() -> Self {
        Self {
            position: Position::Center,
            offset: Offset::default(),
            scale: 1.0,
            opacity: 1.0,
            fade_in: 0.0,
            fade_out: 0.0,
        }
    }
}

/// The nine places of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    TopLeft,
    Top,
    TopRight,
    Left,
    Center,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Position {
    /// The place as shares of the free space: 0 is left or top, ½ the middle, 1 right or bottom.
    #[must_use]
    pub fn shares(self) -> (f64, f64) {
        match self {
            Self::TopLeft => (0.0, 0.0),
            Self::Top => (0.5, 0.0),
            Self::TopRight => (1.0, 0.0),
            Self::Left => (0.0, 0.5),
            Self::Center => (0.5, 0.5),
            Self::Right => (1.0, 0.5),
            Self::BottomLeft => (0.0, 1.0),
            Self::Bottom => (0.5, 1.0),
            Self::BottomRight => (1.0, 1.0),
        }
    }
}

/// A shift, as fractions of the frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Offset {
    /// To the right, as a fraction of the frame's width.
    #[schemars(range(min = -2.0, max = 2.0))]
    pub x: f64,
    /// Downwards, as a fraction of the frame's height.
    #[schemars(range(min = -2.0, max = 2.0))]
    pub y: f64,
}

/// Fields of a clip that shows a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureFields {
    /// The file: `upload://…`, `artifact://…`, `s3://…`, or `https://…` of a host that the operator allows.
    pub source: String,
    /// How the picture is brought to the shape of its box.
    #[serde(default)]
    pub fit: Fit,
    /// The point of the picture that `cover` and `crop` keep in view.
    #[serde(default)]
    pub focus: Focus,
    /// With `crop`: the part of the picture that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// A slow camera move over the picture (Ken Burns).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<Motion>,
}

/// How a picture is brought to the shape of its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Fills the box, keeps the picture's shape, cuts what is over.
    #[default]
    Cover,
    /// Shows the whole picture; what is left of the box stays clear.
    Contain,
    /// Cuts out `region` (without it: around `focus`) and fills the box with it.
    Crop,
    /// Shows the whole picture over a blurred copy of itself that fills the box.
    BlurPad,
    /// Fills the box and gives the picture its shape.
    Stretch,
}

/// A point of a picture, as fractions of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Focus {
    /// 0 is the left edge, 1 the right one.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub x: f64,
    /// 0 is the upper edge, 1 the lower one.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub y: f64,
}

impl Default for Focus {
    fn default() -> Self {
        Self { x: 0.5, y: 0.5 }
    }
}

/// A part of a picture, as fractions of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Left edge.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub x: f64,
    /// Upper edge.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub y: f64,
    /// Width.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub width: f64,
    /// Height.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub height: f64,
}

/// A camera move over a picture, from the clip's first frame to its last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Motion {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: MotionKind,
    /// How far: 0.2 enlarges the picture by 20 % at the nearest point.
    #[serde(default = "moderate")]
    #[schemars(range(min = 0.01, max = 2.0))]
    pub amount: f64,
    /// How the move begins and ends.
    #[serde(default)]
    pub easing: Easing,
}

fn moderate() -> f64 {
    0.15
}

/// The camera moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MotionKind {
    /// Towards the picture.
    ZoomIn,
    /// Away from it.
    ZoomOut,
    /// The view travels to the left.
    PanLeft,
    /// The view travels to the right.
    PanRight,
    /// The view travels upwards.
    PanUp,
    /// The view travels downwards.
    PanDown,
}

/// How a move begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Easing {
    /// At the same speed all the way.
    Linear,
    /// Begins slowly.
    EaseIn,
    /// Ends slowly.
    EaseOut,
    /// Begins and ends slowly.
    #[default]
    EaseInOut,
}

/// Fields that only a video clip has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VideoFields {
    /// Second of the file at which the clip begins.
    #[schemars(range(min = 0.0))]
    pub trim_start: f64,
    /// Second of the file at which it ends; without it, the end of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub trim_end: Option<f64>,
    /// 2 plays twice as fast, 0.5 at half the speed; the pitch of the sound stays.
    #[schemars(range(min = 0.1, max = 10.0))]
    pub speed: f64,
    /// Loudness of the clip's own sound: 0 is mute, 1 leaves it as it is.
    #[schemars(range(min = 0.0, max = 4.0))]
    pub volume: f64,
}

impl Default for VideoFields {
    fn default() -> Self {
        Self { trim_start: 0.0, trim_end: None, speed: 1.0, volume: 1.0 }
    }
}

/// Fields that only a colour clip has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColourFields {
    /// The colour: `#rrggbb`, `#rrggbbaa` or a name.
    pub color: String,
    /// Width as a fraction of the frame's width.
    #[serde(default = "whole")]
    #[schemars(range(min = 0.001, max = 2.0))]
    pub width: f64,
    /// Height as a fraction of the frame's height.
    #[serde(default = "whole")]
    #[schemars(range(min = 0.001, max = 2.0))]
    pub height: f64,
}

fn whole() -> f64 {
    1.0
}
