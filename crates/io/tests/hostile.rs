//! Files below 1 MiB made to take all memory, time or stack: refused, or read in little memory.
//!
//! Those of other kinds stand beside the tests of their formats; damaged copies of sound files in `damaged.rs`.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchOptions};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Fields, Schema};
use laz::{LasZipCompressor, LazItemRecordBuilder, LazItemType, LazVlrBuilder};
use parquet::basic::{Compression, Type as Physical, ZstdLevel};
use parquet::data_type::DoubleType;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadOptions, OpenFile, load};

/// Held by each test: the memory that is looked at is that of the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is loaded, and described, with the words that its refusal has, if it is one.
fn check(name: &str, content: &[u8], columns: &[&str], refusal: Option<&str>) {
    assert!(content.len() < 1 << 20, "{name}: {} bytes", content.len());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    let options = LoadOptions { columns, ..LoadOptions::default() };
    // What made the file does not count: this sets the peak back, where the system can.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = kibibytes("VmRSS:");
    match (load(&path, &options, &mut Unobserved), refusal) {
        (Ok(_), None) => {}
        (Ok(loaded), Some(words)) => panic!("{name}: {words}: {}", loaded.report.summary()),
        (Err(err), None) => panic!("{err}"),
        (Err(err), Some(words)) => {
            let message = err.to_string();
            assert!(message.contains(name) && message.contains(words), "{message}");
            assert!(message.chars().count() < 2000, "{message}");
        }
    }
    let open = OpenFile::open(&path, &options, &mut Unobserved);
    // Whatever is said of its columns.
    drop(open.and_then(|mut file| file.describe(&mut Unobserved)));
    let taken = kibibytes("VmHWM:").saturating_sub(before);
    assert!(taken < 256 << 10, "{name}: {taken} KiB");
}

/// What the system says of the memory of this process, where it does: what it holds now (`VmRSS:`), or held
/// at most (`VmHWM:`).
fn kibibytes(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// A Parquet file of columns of zeros, in groups of so many rows, each page as large as it may be.
fn parquet(columns: usize, groups: usize, rows: usize, has_dictionary: bool) -> Vec<u8> {
    let field = |k: usize| {
        let name = format!("c{k}");
        let field = Type::primitive_type_builder(&name, Physical::DOUBLE);
        let required = parquet::basic::Repetition::REQUIRED;
        Arc::new(field.with_repetition(required).build().expect("a field"))
    };
    let schema = Type::group_type_builder("schema").with_fields((0..columns).map(field).collect());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(has_dictionary)
        .set_data_page_size_limit(1 << 30)
        .set_data_page_row_count_limit(1 << 30)
        .set_write_batch_size(1 << 30)
        .build();
    let schema = Arc::new(schema.build().expect("a schema"));
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a file");
    let zeros = vec![0.0; rows];
    for _ in 0..groups {
        let mut group = file.next_row_group().expect("a group");
        while let Some(mut column) = group.next_column().expect("a column") {
            column.typed::<DoubleType>().write_batch(&zeros, None, None).expect("written");
            column.close().expect("closed");
        }
        group.close().expect("closed");
    }
    file.into_inner().expect("whole")
}

#[test]
fn parquet_that_unpacks_to_a_thousand_times_its_size() {
    let _alone = alone();
    let wide = parquet(24, 1, 2_000_000, false);
    check("wide.parquet", &wide, &[], None);
    check("page.parquet", &parquet(1, 1, 2_200_000, false), &[], Some("claims to unpack to"));
    let points = Some("points or more are packed in");
    check("zstd.parquet", &parquet(2, 8, 2_000_000, false), &[], points);
    check("runs.parquet", &parquet(2, 8, 2_000_000, true), &[], points);
    let chosen: Vec<String> = (1..=24).map(|k| k.to_string()).collect();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    check("chosen.parquet", &wide, &chosen, Some("MiB at once"));
}

/// A number as Thrift's compact protocol writes it.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A Parquet file whose footer has a schema of this many elements, as it claims, each with one inside but the
/// last one, and one group of these rows.
fn footer(elements: usize, claimed: u64, children: u64, rows: u64) -> Vec<u8> {
    const LIST_OF_STRUCTURES: u8 = 0xfc;
    // Field 1, the version; field 2, the schema.
    let mut footer = vec![0x15, 4, 0x19, LIST_OF_STRUCTURES];
    footer.extend(varint(claimed));
    for k in 0..elements {
        let children = if k + 1 < elements { 2 * children } else { 0 };
        if children == 0 {
            // Field 1, the type: a double.
            footer.extend([0x15, 10, 0x38, 1, b'a', 0]);
        } else {
            footer.extend([0x48, 1, b'a', 0x15]);
            footer.extend(varint(children));
            footer.push(0);
        }
    }
    // Field 3, the rows; field 4, the groups: no columns, bytes, rows.
    footer.push(0x16);
    footer.extend(varint(2 * rows));
    footer.extend([0x19, 0x1c, 0x19, 0x0c, 0x16, 0, 0x16]);
    footer.extend(varint(2 * rows));
    footer.extend([0, 0]);
    let mut file = b"PAR1".to_vec();
    file.extend(&footer);
    file.extend((footer.len() as u32).to_le_bytes());
    file.extend(b"PAR1");
    file
}

#[test]
fn parquet_footers_that_claim_the_absurd() {
    let _alone = alone();
    check("deep.parquet", &footer(100_000, 100_000, 1, 1), &[], Some("deep.parquet"));
    check("elements.parquet", &footer(3, 1 << 40, 1, 1), &[], Some("elements.parquet"));
    check("children.parquet", &footer(3, 3, 1 << 30, 1), &[], Some("children.parquet"));
    check("rows.parquet", &footer(2, 2, 1, 1 << 61), &[], Some("rows.parquet"));
    let sound = parquet(2, 1, 10, false);
    check("cut.parquet", &sound[..sound.len() / 2], &[], Some("does not end with PAR1"));
    let mut magic = sound.clone();
    magic[..4].copy_from_slice(b"PAR2");
    drop(magic.split_off(magic.len() - 4));
    check("magic.parquet", &magic, &[], Some("magic.parquet"));
    let mut long = sound;
    let end = long.len() - 8;
    long[end..end + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    check("length.parquet", &long, &[], Some("its footer claims 4294967295 bytes"));
}

/// A batch of columns of a million zeros.
fn zeros(columns: usize) -> RecordBatch {
    let array: ArrayRef = Arc::new(Float64Array::from(vec![0.0; 1_000_000]));
    let named = (0..columns).map(|k| (format!("c{k}"), Arc::clone(&array)));
    RecordBatch::try_from_iter(named).expect("a batch")
}

fn arrow(batch: &RecordBatch, times: usize, packing: CompressionType) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(Some(packing)).expect("options");
    let mut writer =
        FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).expect("a file");
    for _ in 0..times {
        writer.write(batch).expect("written");
    }
    writer.into_inner().expect("whole")
}

#[test]
fn arrow_that_unpacks_to_a_thousand_times_its_size() {
    let _alone = alone();
    let wide = arrow(&zeros(14), 1, CompressionType::ZSTD);
    check("wide.arrow", &wide, &[], Some("claim to unpack to 112000"));
    check("chosen.arrow", &wide, &["c3", "c1"], None);
    let lz4 = arrow(&zeros(14), 1, CompressionType::LZ4_FRAME);
    check("lz4.arrow", &lz4, &[], Some("claim to unpack to 112000"));
    let points = Some("points or more are packed in");
    check("batches.arrow", &arrow(&zeros(2), 12, CompressionType::ZSTD), &[], points);
}

#[test]
fn arrow_that_claims_the_absurd() {
    let _alone = alone();
    let mut nested = DataType::Float64;
    for _ in 0..200 {
        nested = DataType::Struct(Fields::from(vec![Field::new("a", nested, true)]));
    }
    let schema = Schema::new(vec![Field::new("a", nested, true)]);
    let mut deep = StreamWriter::try_new(Vec::new(), &schema).expect("a stream");
    deep.finish().expect("whole");
    check("deep.arrows", deep.get_ref(), &[], Some("deep.arrows"));

    let rows = RecordBatchOptions::new().with_row_count(Some(1 << 62));
    let nothing = Arc::new(Schema::empty());
    let batch = RecordBatch::try_new_with_options(nothing, Vec::new(), &rows).expect("a batch");
    let mut many = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a stream");
    many.write(&batch).expect("written");
    many.finish().expect("whole");
    check("rows.arrows", many.get_ref(), &[], Some("claims 4611686018427387904 rows"));

    let sound = arrow(&zeros(2), 1, CompressionType::ZSTD);
    check("cut.arrow", &sound[..sound.len() / 2], &[], Some("does not end with ARROW1"));
    let mut long = sound;
    let end = long.len() - 10;
    long[end..end + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    check("length.arrow", &long, &[], Some("its footer claims 2147483647 bytes"));
    check("magic.arrow", b"ARROW2\0\0rest", &[], Some("magic.arrow"));
}

#[test]
fn laz_that_unpacks_to_a_thousand_times_its_size() {
    const POINTS: u32 = 7_000_000;
    let _alone = alone();
    for (format, kind, size) in [(0, LazItemType::Point10, 20), (6, LazItemType::Point14, 30)] {
        let mut items = LazItemRecordBuilder::new();
        items.add_item(kind);
        let told = LazVlrBuilder::new(items.build()).with_fixed_chunk_size(1_000_000).build();
        let mut record = Vec::new();
        told.write_to(&mut record).expect("a record");
        let mut head = vec![0; 375];
        let mut put = |place: usize, bytes: &[u8]| {
            head[place..place + bytes.len()].copy_from_slice(bytes);
        };
        put(0, b"LASF");
        put(24, &[1, 4]);
        put(94, &375_u16.to_le_bytes());
        put(96, &(375 + 54 + record.len() as u32).to_le_bytes());
        put(100, &1_u32.to_le_bytes());
        put(104, &[format | 0x80, size, 0]);
        for place in [131, 139, 147] {
            put(place, &1_f64.to_le_bytes());
        }
        put(247, &u64::from(POINTS).to_le_bytes());
        head.extend([0; 2]);
        head.extend(b"laszip encoded\0\0");
        head.extend(22204_u16.to_le_bytes());
        head.extend((record.len() as u16).to_le_bytes());
        head.extend([0; 32]);
        head.extend(&record);
        let mut file = Cursor::new(head);
        file.set_position(file.get_ref().len() as u64);
        let mut compressor = LasZipCompressor::new(&mut file, told).expect("a compressor");
        for _ in 0..POINTS {
            compressor.compress_one(&[0; 30][..size.into()]).expect("written");
        }
        compressor.done().expect("whole");
        drop(compressor);
        check("points.laz", file.get_ref(), &[], Some("points or more are packed in"));
    }
}

#[test]
fn ten_thousand_columns_of_every_format_that_may_have_them() {
    const COUNT: usize = 10_000;
    let _alone = alone();
    let each = |of: fn(usize) -> String| (0..COUNT).map(of).collect::<String>();
    let cells = "1 ".repeat(COUNT);
    let pcd = format!(
        "VERSION .7\nFIELDS{}\nSIZE{}\nTYPE{}\nCOUNT{}\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n\
         {cells}\n{cells}\n",
        each(|k| format!(" c{k}")),
        " 4".repeat(COUNT),
        " F".repeat(COUNT),
        " 1".repeat(COUNT),
    );
    check("wide.pcd", pcd.as_bytes(), &["c1", "c2"], None);
    let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 10000), }";
    npy.extend(format!("{header:<117}\n").bytes());
    npy.extend([0; 8].repeat(2 * COUNT));
    check("wide.npy", &npy, &["1", "9999"], None);
    let votable = format!(
        "<VOTABLE version=\"1.4\"><RESOURCE><TABLE>{}<DATA><TABLEDATA><TR>{}</TR></TABLEDATA></DATA>\
         </TABLE></RESOURCE></VOTABLE>",
        each(|k| format!("<FIELD name=\"c{k}\" datatype=\"int\"/>")),
        "<TD>1</TD>".repeat(COUNT),
    );
    check("wide.vot", votable.as_bytes(), &["c1", "c2"], None);
    let mut fits = Vec::new();
    let mut card = |text: String| fits.extend(format!("{text:<80}").bytes());
    for text in [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
        "END",
    ] {
        card(text.to_owned());
    }
    fits.resize(2880, b' ');
    let mut card = |text: String| fits.extend(format!("{text:<80}").bytes());
    for text in
        ["XTENSION= 'BINTABLE'", "BITPIX  =                    8", "NAXIS   =                    2"]
    {
        card(text.to_owned());
    }
    for (key, value) in
        [("NAXIS1", 8 * COUNT), ("NAXIS2", 1), ("PCOUNT", 0), ("GCOUNT", 1), ("TFIELDS", COUNT)]
    {
        card(format!("{key:<8}= {value:>20}"));
    }
    card("END".to_owned());
    fits.resize(fits.len().next_multiple_of(2880) + 8 * COUNT, b' ');
    check("wide.fits", &fits, &[], Some("wide.fits"));
}

#[test]
fn packed_points_without_end_are_refused() {
    let _alone = alone();
    // Sound text of a hundred million points.
    let rows = "1,2\n".repeat(1 << 16);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    for _ in 0..200 {
        gzip.write_all(rows.as_bytes()).expect("packed");
    }
    let packed = gzip.finish().expect("packed");
    check("points.csv.gz", &packed, &[], Some("points or more are packed in"));
}
