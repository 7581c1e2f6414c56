//! What of a value is spread over the colours, as the shaders know it.

use crate::{color::Scale, model::Scaling};

/// What is spread over the colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// The value itself.
    Linear,
    /// Its logarithm.
    Log,
    /// The square root of its size, with its sign.
    Sqrt,
    /// asinh of the value divided by this.
    Asinh(f64),
    /// The part of all values that lies below it, 0 to 1.
    Quantiles,
}

impl Curve {
    /// That of `scale`.
    pub fn of(scale: &Scale) -> Self {
        match scale.scaling {
            Scaling::Log => Self::Log,
            Scaling::Sqrt => Self::Sqrt,
            Scaling::Asinh => Self::Asinh(scale.softness()),
            Scaling::Equalised if scale.quantiles.is_some() => Self::Quantiles,
            Scaling::Linear | Scaling::Equalised => Self::Linear,
        }
    }

    /// Its number in the shaders, where quantiles have a pipeline of their own.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Linear | Self::Quantiles => 0,
            Self::Log => 1,
            Self::Sqrt => 2,
            Self::Asinh(_) => 3,
        }
    }

    /// What a value is multiplied by before its asinh is taken; 0 for other curves.
    pub(super) fn sharpness(self) -> f32 {
        match self {
            Self::Asinh(softness) => (1.0 / softness) as f32,
            _ => 0.0,
        }
    }
}
