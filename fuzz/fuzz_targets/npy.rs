//! NPY files: options, then a header made of likely and unlikely parts and its data, or the magic
//! and anything behind it.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

const MAGIC: &[u8] = b"\x93NUMPY";
/// The most data to make for a header.
const MOST: u64 = 1 << 13;
/// Types with their sizes: those that load in either byte order, and others.
const TYPES: &[(&str, u64)] = &[
    ("'<f8'", 8),
    ("'<f4'", 4),
    ("'<f2'", 2),
    ("'<i8'", 8),
    ("'<i4'", 4),
    ("'<i2'", 2),
    ("'|i1'", 1),
    ("'<u8'", 8),
    ("'<u4'", 4),
    ("'<u2'", 2),
    ("'|u1'", 1),
    ("'|b1'", 1),
    ("'>f8'", 8),
    ("'>f4'", 4),
    ("'>f2'", 2),
    ("'>i8'", 8),
    ("'>i4'", 4),
    ("'>i2'", 2),
    ("'>u8'", 8),
    ("'>u4'", 4),
    ("'>u2'", 2),
    ("'=f8'", 8),
    ("'|f8'", 8),
    ("'>u1'", 1),
    ("'>b1'", 1),
    ("'<f16'", 16),
    ("'<f3'", 3),
    ("'<c16'", 16),
    ("'|O'", 8),
    ("'|S3'", 3),
    ("'<U3'", 12),
    ("'<M8[ns]'", 8),
    ("'<m8'", 8),
    ("'|V4'", 4),
    ("[('x', '<f4'), ('y', '<f4')]", 8),
    ("('<f4', (2,))", 8),
];

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    file: File<'a>,
}

#[derive(Debug)]
enum File<'a> {
    /// The magic, unless it is there, and these bytes.
    Raw(Text<'a>),
    /// A header and its data.
    Made(Array<'a>),
}

#[derive(Debug)]
struct Array<'a> {
    version: u8,
    header: String,
    /// What the header's length is told wrong by.
    length_off: i8,
    /// Repeated or cut to `size`.
    data: Text<'a>,
    size: usize,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        let file = if bytes.ratio(1, 8)? {
            File::Raw(Text(bytes.bytes(bytes.len())?))
        } else {
            File::Made(bytes.arbitrary()?)
        };
        Ok(Self { options, file })
    }
}

impl<'a> Arbitrary<'a> for Array<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let version = *bytes.choose(&[1, 1, 1, 2, 3, 0, 4])?;
        let (descr, item_size) = *bytes.choose(TYPES)?;
        let order = *bytes.choose(&["False", "False", "True", "True", "1", "'F'"])?;
        let mut axes = Vec::new();
        for _ in 0..*bytes.choose(&[2, 2, 2, 2, 1, 3, 0])? {
            axes.push(if bytes.ratio(1, 32)? {
                bytes.arbitrary::<u64>()?
            } else if bytes.ratio(1, 8)? {
                bytes.arbitrary::<u16>()?.into()
            } else {
                bytes.int_in_range(0..=8)?
            });
        }
        let items = axes.iter().try_fold(1_u64, |items, &axis| items.checked_mul(axis));
        let size = items.and_then(|items| items.checked_mul(item_size)).unwrap_or(0).min(MOST);
        let shape: String = axes.iter().map(|axis| format!("{axis}, ")).collect();
        let mut header =
            format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': ({shape}), }}");
        // A space too many is no harm to Python, but npyz wants `(3,)` and `()`.
        header = header.replace(", )", if axes.len() == 1 { ",)" } else { ")" });
        if bytes.ratio(1, 4)? {
            let odd: &[u8] = bytes.arbitrary()?;
            let place = bytes.int_in_range(0..=header.len())?;
            let end = bytes.int_in_range(place..=header.len())?;
            header.replace_range(place..end, &String::from_utf8_lossy(odd));
        }
        header += &" ".repeat(bytes.int_in_range(0..=80)?);
        header.push('\n');
        let length_off = if bytes.ratio(1, 16)? { bytes.arbitrary()? } else { 0 };
        let size_off = if bytes.ratio(1, 16)? { bytes.arbitrary::<i8>()? } else { 0 };
        let size = size.saturating_add_signed(size_off.into()) as usize;
        let data = Text(bytes.bytes(bytes.len())?);
        Ok(Self { version, header, length_off, data, size })
    }
}

impl File<'_> {
    fn content(&self) -> Vec<u8> {
        match self {
            Self::Raw(Text(raw)) if raw.starts_with(MAGIC) => raw.to_vec(),
            Self::Raw(Text(raw)) => [MAGIC, raw].concat(),
            Self::Made(Array { version, header, length_off, data: Text(data), size }) => {
                let length = (header.len() as u32).saturating_add_signed((*length_off).into());
                let mut content = [MAGIC, &[*version, 0], &length.to_le_bytes()].concat();
                if *version == 1 {
                    content.truncate(10);
                }
                content.extend_from_slice(header.as_bytes());
                let data = if data.is_empty() { &[0] } else { *data };
                content.extend(data.iter().cycle().take(*size));
                content
            }
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    // Whatever comes of it is right if the check says so.
    drop(check(&input.file.content(), &input.options));
});
