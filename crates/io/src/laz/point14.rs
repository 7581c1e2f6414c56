//! The fields that points of formats from 6 on have in common, in LAZ: nine layers of a chunk, each packed
//! by itself, of which only the wanted ones are unpacked.
//!
//! ```text
//!   chunk: first point as it is   number of points   sizes of the layers   layers
//!   x, y, returns, scanner channel, and what changes | z | class | flags | intensity | angle | user | source | time
//! ```
//!
//! Each of the four channels of a scanner has predictions of its own, which begin with those of the channel
//! in front. The predictions are those of the format: whatever looks odd here is what its writers do.
//!
//! Source: M. Isenburg, `LASzip`: lossless compression of `LiDAR` data (2013), and the reader of `POINT14`
//! (versions 3 and 4) in `LASzip`.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use ::laz::DecompressionSelection;
use ::laz::decoders::ArithmeticDecoder;
use ::laz::decompressors::{IntegerDecompressor, IntegerDecompressorBuilder};
use ::laz::models::{ArithmeticModel, ArithmeticModelBuilder};
use ::laz::record::LayeredFieldDecompressor;

use super::gps_time::GpsTimes;
use super::median::Median;

/// Bytes of these fields, and how many layers they have.
const SIZE: usize = 30;
pub(super) const LAYERS: usize = 9;
/// Which predictions of x and y are used, by the number of returns (one line each) and the return.
const RETURNS: [[u8; 16]; 16] = [
    [0, 1, 2, 3, 4, 5, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5],
    [1, 0, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
    [2, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3],
    [3, 3, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [3, 3, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4],
    [4, 3, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4],
    [5, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 4, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5],
    [5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5],
];

/// The fields of a point, as they are stored.
#[derive(Clone, Copy)]
struct Point {
    x: i32,
    y: i32,
    z: i32,
    intensity: u16,
    /// The return in the lower, the number of returns in the upper 4 bits.
    returns: u8,
    /// 4 bits about the class, 2 of the channel, the direction of the scan, the edge of the flight line.
    flags: u8,
    class: u8,
    user: u8,
    angle: i16,
    source: u16,
    time: f64,
}

impl Point {
    fn of(bytes: &[u8; SIZE]) -> Self {
        let four = |place: usize| {
            i32::from_le_bytes([bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]])
        };
        let two = |place: usize| u16::from_le_bytes([bytes[place], bytes[place + 1]]);
        let time = u64::from(four(22).cast_unsigned()) | u64::from(four(26).cast_unsigned()) << 32;
        Self {
            x: four(0),
            y: four(4),
            z: four(8),
            intensity: two(12),
            returns: bytes[14],
            flags: bytes[15],
            class: bytes[16],
            user: bytes[17],
            angle: two(18).cast_signed(),
            source: two(20),
            time: f64::from_bits(time),
        }
    }

    fn write(&self, bytes: &mut [u8]) {
        bytes[..4].copy_from_slice(&self.x.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.y.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.z.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.intensity.to_le_bytes());
        bytes[14..18].copy_from_slice(&[self.returns, self.flags, self.class, self.user]);
        bytes[18..20].copy_from_slice(&self.angle.to_le_bytes());
        bytes[20..22].copy_from_slice(&self.source.to_le_bytes());
        bytes[22..30].copy_from_slice(&self.time.to_le_bytes());
    }

    fn channel(&self) -> usize {
        usize::from(self.flags >> 4 & 3)
    }
}

/// Models of symbols that are made when they are first used, as most of them never are.
struct Lazy {
    symbols: u32,
    models: Vec<Option<ArithmeticModel>>,
}

impl Lazy {
    fn new(count: usize, symbols: u32) -> Self {
        Self { symbols, models: (0..count).map(|_| None).collect() }
    }

    fn at(&mut self, place: usize) -> &mut ArithmeticModel {
        let symbols = self.symbols;
        self.models[place].get_or_insert_with(|| ArithmeticModelBuilder::new(symbols).build())
    }
}

/// What is predicted from in one channel.
struct Channel {
    last: Point,
    /// Whether the time of the last point was not that of the one in front.
    has_new_time: bool,
    changes: Lazy,
    /// To how far on the channel changes.
    leaps: ArithmeticModel,
    numbers_of_returns: Lazy,
    returns: Lazy,
    returns_at_same_time: ArithmeticModel,
    classes: Lazy,
    flags: Lazy,
    users: Lazy,
    x_steps: [Median; 12],
    y_steps: [Median; 12],
    last_z: [i32; 8],
    last_intensities: [u16; 8],
    x: IntegerDecompressor,
    y: IntegerDecompressor,
    z: IntegerDecompressor,
    intensity: IntegerDecompressor,
    angle: IntegerDecompressor,
    source: IntegerDecompressor,
    times: GpsTimes,
}

impl Channel {
    fn after(last: Point) -> Self {
        let integers = |bits, contexts| {
            IntegerDecompressorBuilder::new().bits(bits).contexts(contexts).build_initialized()
        };
        Self {
            last,
            has_new_time: false,
            changes: Lazy::new(8, 128),
            leaps: ArithmeticModelBuilder::new(3).build(),
            numbers_of_returns: Lazy::new(16, 16),
            returns: Lazy::new(16, 16),
            returns_at_same_time: ArithmeticModelBuilder::new(13).build(),
            classes: Lazy::new(64, 256),
            flags: Lazy::new(64, 64),
            users: Lazy::new(64, 256),
            x_steps: [Median::default(); 12],
            y_steps: [Median::default(); 12],
            last_z: [last.z; 8],
            last_intensities: [last.intensity; 8],
            x: integers(32, 2),
            y: integers(32, 22),
            z: integers(32, 20),
            intensity: integers(16, 4),
            angle: integers(16, 2),
            source: integers(16, 1),
            times: GpsTimes::after(last.time, false),
        }
    }
}

/// The unpacking of these fields.
pub(super) struct Point14 {
    /// From version 4 on, colours are always told the channel of the point; in version 3 only when it is
    /// not that of the point in front.
    always_tells_channel: bool,
    wanted: [bool; LAYERS],
    sizes: [u32; LAYERS],
    layers: Vec<Option<ArithmeticDecoder<Cursor<Vec<u8>>>>>,
    /// The channel of the last point.
    channel: usize,
    channels: [Option<Box<Channel>>; 4],
}

impl Point14 {
    /// For points of this version of the compression, 3 or 4.
    pub(super) fn new(version: u16) -> Self {
        Self {
            always_tells_channel: version > 3,
            wanted: [true; LAYERS],
            sizes: [0; LAYERS],
            layers: Vec::new(),
            channel: 0,
            channels: [None, None, None, None],
        }
    }
}

impl<R: Read + Seek> LayeredFieldDecompressor<R> for Point14 {
    fn size_of_field(&self) -> usize {
        SIZE
    }

    fn set_selection(&mut self, selection: DecompressionSelection) {
        self.wanted = [
            true,
            selection.should_decompress_z(),
            selection.should_decompress_classification(),
            selection.should_decompress_flags(),
            selection.should_decompress_intensity(),
            selection.should_decompress_scan_angle(),
            selection.should_decompress_user_data(),
            selection.should_decompress_point_source_id(),
            selection.should_decompress_gps_time(),
        ];
    }

    fn init_first_point(
        &mut self,
        source: &mut R,
        first_point: &mut [u8],
        channel: &mut usize,
    ) -> io::Result<()> {
        let mut bytes = [0; SIZE];
        source.read_exact(&mut bytes)?;
        first_point.copy_from_slice(&bytes);
        let point = Point::of(&bytes);
        self.channel = point.channel();
        *channel = self.channel;
        self.channels = [None, None, None, None];
        self.channels[self.channel] = Some(Box::new(Channel::after(point)));
        Ok(())
    }

    fn read_layers_sizes(&mut self, source: &mut R) -> io::Result<()> {
        for size in &mut self.sizes {
            let mut bytes = [0; 4];
            source.read_exact(&mut bytes)?;
            *size = u32::from_le_bytes(bytes);
        }
        Ok(())
    }

    fn read_layers(&mut self, source: &mut R) -> io::Result<()> {
        self.layers.clear();
        for (size, is_wanted) in self.sizes.into_iter().zip(self.wanted) {
            self.layers.push(read_layer(source, size, is_wanted)?);
        }
        Ok(())
    }

    fn decompress_field_with(
        &mut self,
        point: &mut [u8],
        channel_of_point: &mut usize,
    ) -> io::Result<()> {
        let [xy, z, class, flags, intensity, angle, user, source, time] =
            self.layers.as_mut_slice()
        else {
            return Err(broken("there are no layers"));
        };
        let xy = xy.as_mut().ok_or_else(|| broken("the layer of x and y is empty"))?;
        let no_channel = || broken("no point comes first");
        let channel = self.channels[self.channel].as_deref_mut().ok_or_else(no_channel)?;

        let (last_return, last_count) = (channel.last.returns & 15, channel.last.returns >> 4);
        let place = usize::from(last_return == 1)
            | usize::from(last_return >= last_count) << 1
            | usize::from(channel.has_new_time) << 2;
        let changes = xy.decode_symbol(channel.changes.at(place))?;
        let changed = |bit: u32| changes >> bit & 1 == 1;
        if changed(6) {
            let step = xy.decode_symbol(&mut channel.leaps)?;
            let last = channel.last;
            self.channel = (self.channel + step as usize + 1) % 4;
            let channel =
                self.channels[self.channel].get_or_insert_with(|| Box::new(Channel::after(last)));
            channel.last.flags = channel.last.flags & !0x30 | (self.channel as u8) << 4;
        }
        if changed(6) || self.always_tells_channel {
            *channel_of_point = self.channel;
        }
        let channel = self.channels[self.channel].as_deref_mut().ok_or_else(no_channel)?;
        let has_new_time = changed(4);

        let last = &mut channel.last;
        let (last_return, last_count) = (last.returns & 15, last.returns >> 4);
        let count = if changed(2) {
            xy.decode_symbol(channel.numbers_of_returns.at(usize::from(last_count)))? as u8
        } else {
            last_count
        };
        let number = match changes & 3 {
            0 => last_return,
            1 => (last_return + 1) % 16,
            2 => (last_return + 15) % 16,
            _ if has_new_time => {
                xy.decode_symbol(channel.returns.at(usize::from(last_return)))? as u8
            }
            _ => {
                let step = xy.decode_symbol(&mut channel.returns_at_same_time)? as u8;
                (last_return + step + 2) % 16
            }
        };
        last.returns = count << 4 | number;
        let is_only = u32::from(count == 1);
        // Bit 1: the first return; bit 0: the last.
        let ends = u32::from(number == 1) << 1 | u32::from(number >= count);
        let steps = usize::from(RETURNS[usize::from(count)][usize::from(number)]) << 1
            | usize::from(has_new_time);

        let step = channel.x.decompress(xy, channel.x_steps[steps].value(), is_only)?;
        last.x = last.x.wrapping_add(step);
        channel.x_steps[steps].add(step);
        let context = is_only + (channel.x.k() & !1).min(20);
        let step = channel.y.decompress(xy, channel.y_steps[steps].value(), context)?;
        last.y = last.y.wrapping_add(step);
        channel.y_steps[steps].add(step);

        if let Some(z) = z {
            let context = is_only + (channel.x.k().midpoint(channel.y.k()) & !1).min(18);
            let before = &mut channel.last_z[usize::from(count.abs_diff(number)).min(7)];
            *before = channel.z.decompress(z, *before, context)?;
            last.z = *before;
        }
        if let Some(class) = class {
            let place = usize::from(last.class & 0x1f) << 1 | usize::from(ends == 3);
            last.class = class.decode_symbol(channel.classes.at(place))? as u8;
        }
        if let Some(flags) = flags {
            let place = last.flags & 0x0f | last.flags >> 2 & 0x30;
            let symbol = flags.decode_symbol(channel.flags.at(usize::from(place)))? as u8;
            last.flags = symbol & 0x0f | (symbol & 0x30) << 2 | (self.channel as u8) << 4;
        }
        if let Some(intensity) = intensity {
            let before =
                &mut channel.last_intensities[(ends as usize) << 1 | usize::from(has_new_time)];
            let value = channel.intensity.decompress(intensity, i32::from(*before), ends)?;
            *before = value as u16;
            last.intensity = *before;
        }
        if let (Some(angle), true) = (angle, changed(3)) {
            let context = u32::from(has_new_time);
            let value = channel.angle.decompress(angle, i32::from(last.angle), context)?;
            last.angle = value as i16;
        }
        if let Some(user) = user {
            let place = usize::from(last.user / 4);
            last.user = user.decode_symbol(channel.users.at(place))? as u8;
        }
        if let (Some(source), true) = (source, changed(5)) {
            last.source = channel.source.decompress(source, i32::from(last.source), 0)? as u16;
        }
        channel.has_new_time = has_new_time;
        if let (Some(time), true) = (time, has_new_time) {
            last.time = channel.times.next(time)?;
        }
        last.write(point);
        Ok(())
    }
}

/// One layer, if it is wanted and not empty, which it is where all points have the value of the first.
fn read_layer<R: Read + Seek>(
    source: &mut R,
    size: u32,
    is_wanted: bool,
) -> io::Result<Option<ArithmeticDecoder<Cursor<Vec<u8>>>>> {
    if size == 0 {
        return Ok(None);
    }
    if !is_wanted {
        source.seek(SeekFrom::Current(size.into()))?;
        return Ok(None);
    }
    let mut bytes = Vec::new();
    source.take(size.into()).read_to_end(&mut bytes)?;
    if bytes.len() < size as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut decoder = ArithmeticDecoder::new(Cursor::new(bytes));
    decoder.read_init_bytes()?;
    Ok(Some(decoder))
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
