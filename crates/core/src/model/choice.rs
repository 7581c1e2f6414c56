//! Enums of the choices that a user has (engine, distribution, colour map and others), each variant
//! with its name in flags and files and its label in the window.

use serde::{Deserialize, Serialize};

/// A word that is none of the names in a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} '{found}': expected one of {expected}")]
pub struct UnknownName {
    what: &'static str,
    found: String,
    expected: String,
}

macro_rules! choice {
    (
        $(#[$meta:meta])* $type:ident, $what:literal,
        $( $(#[$variant_meta:meta])* $variant:ident = $name:literal, $label:literal; )+
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $type { $( $(#[$variant_meta])* $variant, )+ }

        impl $type {
            /// All entries, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The names of all entries, as flags and files spell them.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name that flags and files use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The words that the window shows.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|c| c.name() == text).ok_or_else(|| UnknownName {
                    what: $what,
                    found: text.to_owned(),
                    expected: Self::NAMES.join(", "),
                })
            }
        }

        impl TryFrom<String> for $type {
            type Error = UnknownName;

            fn try_from(text: String) -> Result<Self, UnknownName> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(choice: $type) -> Self {
                choice.name().to_owned()
            }
        }
    };
}

choice! {
    /// How generated points are distributed.
    Distribution, "distribution",
    /// Independent standard normal coordinates.
    #[default] Normal = "normal", "Standard normal";
    /// A normal whose coordinates are correlated (ρ = 0.8 between any two).
    Correlated = "correlated", "Correlated normal";
    /// A mixture of normals of different sizes around seeded centres.
    Mixture = "mixture", "Gaussian mixture";
    /// A noisy circle (a sphere's surface in higher dimensions).
    Ring = "ring", "Ring";
    /// Two interleaved half circles.
    Moons = "moons", "Two moons";
    /// Two arms of an Archimedean spiral.
    Spiral = "spiral", "Spiral";
    /// Uniform on the cube [−1, 1]^d.
    Uniform = "uniform", "Uniform";
    /// Student's t with two degrees of freedom: far outliers.
    HeavyTailed = "heavy-tailed", "Heavy-tailed";
}

choice! {
    /// Whether the first row of a text file names its columns.
    Header, "header",
    /// The loader decides from the whole file, and says what it decided and why.
    #[default] Auto = "auto", "As the file looks";
    /// It names the columns, whatever it looks like.
    Yes = "yes", "Names";
    /// It is a point like any other.
    No = "no", "A point";
}

choice! {
    /// The way the field is computed.
    EngineChoice, "engine",
    /// The program picks.
    #[default] Auto = "auto", "Auto";
    /// The exact sum on the window's own device.
    Gpu = "gpu", "GPU, exact";
    /// Three nested loops in f64 on one thread: the definition.
    Naive = "naive", "Naive (float64 loops)";
    /// The whole N×M matrix, in f64.
    Broadcast = "broadcast", "Vectorised (full N×M)";
    /// The same, one chunk of sources at a time.
    Chunked = "chunked", "Vectorised, chunked";
    /// Vector instructions on all cores.
    Simd = "simd", "CPU, SIMD";
    /// Spread on a grid, convolved, interpolated: approximate, with a stated error.
    Fast = "fast", "Approximate (grid)";
}

choice! {
    /// What f is divided by.
    Normalisation, "normalisation",
    /// `Σ_j w_j·k(x_i, y_j)`, as it stands.
    #[default] Sum = "sum", "Sum";
    /// Divided by `Σ_j w_j`.
    Mean = "mean", "Mean";
    /// Divided by `Σ_j w_j·(2πσ²)^{d/2}`: a density, which integrates to 1.
    Density = "density", "Density";
}

choice! {
    /// In which units points are summed, and σ is told.
    AxisScaling, "whitening",
    /// In those of the data.
    #[default] None = "none", "Units of the data";
    /// Each axis in its own standard deviations.
    Axes = "axes", "Standardised axes";
    /// In standard deviations of all axes together, without their correlation.
    Full = "full", "Whitened";
}

choice! {
    /// Which colours values turn into.
    ColorMap, "colour map",
    /// Dark blue through green to yellow; even to the eye, safe for the colour-blind.
    #[default] Viridis = "viridis", "Viridis";
    /// Black through purple and pink to cream.
    Magma = "magma", "Magma";
    /// Black through red and orange to light yellow.
    Inferno = "inferno", "Inferno";
    /// Blue through purple to yellow.
    Plasma = "plasma", "Plasma";
    /// Blue through grey to yellow, made for colour vision deficiencies.
    Cividis = "cividis", "Cividis";
    /// A rainbow with even steps.
    Turbo = "turbo", "Turbo";
    /// White to black.
    Greys = "greys", "Greys";
    /// Blue through grey to red, for values around zero.
    BlueRed = "blue-red", "Blue to red";
    /// Green through grey to purple, for values around zero.
    GreenPurple = "green-purple", "Green to purple";
}

impl ColorMap {
    /// Whether it has a middle, which then stands for zero.
    pub fn is_diverging(self) -> bool {
        matches!(self, Self::BlueRed | Self::GreenPurple)
    }
}

choice! {
    /// How values are spread over the colours.
    Scaling, "scaling",
    /// In proportion.
    #[default] Linear = "linear", "Linear";
    /// In proportion to the logarithm.
    Log = "log", "Logarithmic";
    /// In proportion to the square root, of negative values to that of their size.
    Sqrt = "sqrt", "Square root";
    /// In proportion near zero, to the logarithm of the size far from it.
    Asinh = "asinh", "Inverse hyperbolic sine";
    /// By rank: each colour for as many targets as any other.
    Equalised = "equalised", "Equalised";
}

choice! {
    /// The order in which dots are drawn: later ones lie on earlier ones.
    DrawOrder, "order",
    /// At random, by the seed: no row's place in its file decides the picture.
    #[default] Random = "random", "Random";
    /// As in the file.
    File = "file", "As in the file";
    /// The largest f last.
    Dense = "dense", "Dense on top";
    /// The smallest f last.
    Sparse = "sparse", "Sparse on top";
}

impl DrawOrder {
    /// Whether it is known only once f is.
    pub fn goes_by_value(self) -> bool {
        matches!(self, Self::Dense | Self::Sparse)
    }
}

choice! {
    /// Whether the window and its pictures are dark or light.
    Theme, "theme",
    /// As the desktop is.
    #[default] System = "system", "System";
    /// Light on dark.
    Dark = "dark", "Dark";
    /// Dark on light.
    Light = "light", "Light";
}
