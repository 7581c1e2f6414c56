//! Files inside gzip, zstd, bzip2 and xz, and standard input: the same points as unpacked ones, or a message
//! that says what to do.

use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use sigmascope_core::engine::{Progress, Unobserved};
use sigmascope_io::{LoadError, LoadOptions, Loaded, load};

const CSV: &[u8] = b"x,y\n1,2\n3,\n5,6.5\n";

type Pack = fn(&[u8]) -> Vec<u8>;

const PACKED: [(&str, &str, Pack); 4] =
    [("gzip", "gz", gzip), ("zstd", "zst", zstd), ("bzip2", "bz2", bzip2), ("xz", "xz", xz)];

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    out.write_all(content).expect("sound");
    out.finish().expect("sound")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    let mut out = zstd::Encoder::new(Vec::new(), 3).expect("sound");
    out.include_checksum(true).expect("sound");
    out.write_all(content).expect("sound");
    out.finish().expect("sound")
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    out.write_all(content).expect("sound");
    out.finish().expect("sound")
}

/// An xz file by the format's description, of chunks that are stored as they are.
fn xz(content: &[u8]) -> Vec<u8> {
    if content.len() == 1 << 23 {
        return include_bytes!("samples/zeros.xz").to_vec();
    }
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let with_crc = |bytes: &[u8]| [bytes, &crc(bytes)].concat();
    let number = |mut value: usize| {
        let mut bytes = Vec::new();
        while value > 127 {
            bytes.push(value as u8 | 128);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    // CRC-32 checks what was packed; one filter, LZMA2 with a dictionary of 64 KiB.
    let flags = [0, 1];
    let block = with_crc(&[2, 0, 0x21, 1, 8, 0, 0, 0]);
    let mut data = Vec::new();
    for (k, chunk) in content.chunks(1 << 16).enumerate() {
        data.push(if k == 0 { 1 } else { 2 });
        data.extend((chunk.len() as u16).wrapping_sub(1).to_be_bytes());
        data.extend(chunk);
    }
    data.push(0);
    let unpadded = block.len() + data.len() + 4;
    let index = [vec![0, 1], number(unpadded), number(content.len())].concat();
    let index = with_crc(&padded(index));
    let footer = [&(index.len() as u32 / 4 - 1).to_le_bytes()[..], &flags].concat();
    [
        b"\xfd7zXZ\0".to_vec(),
        with_crc(&flags),
        block,
        padded(data),
        crc(content).to_vec(),
        index,
        crc(&footer).to_vec(),
        footer,
        b"YZ".to_vec(),
    ]
    .concat()
}

/// Loads `content` from a file of this name.
fn read_with(name: &str, content: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().expect("sound");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("sound");
    load(&path, options, &mut Unobserved)
}

fn read(name: &str, content: &[u8]) -> Result<Loaded, LoadError> {
    read_with(name, content, &LoadOptions::default())
}

fn refused(name: &str, content: &[u8]) -> String {
    read(name, content).map(|loaded| loaded.report).expect_err(name).to_string()
}

#[test]
fn packed_files_are_read_as_what_they_hold() {
    for (name, end, pack) in PACKED {
        let loaded = read(&format!("points.csv.{end}"), &pack(CSV)).expect(name);
        assert_eq!(loaded.cloud.coordinates(), [1.0, 2.0, 5.0, 6.5], "{name}");
        assert_eq!(loaded.report.format, format!("CSV, separator ',', inside {name}"));
        assert_eq!(loaded.report.rows_dropped_missing, 1);
        assert!(!loaded.report.notes.iter().any(|note| note.contains("the name ends")));
        // A name that says nothing of it, and one that lies.
        assert_eq!(read("points", &pack(CSV)).expect(name).cloud.len(), 2);
        let lies = read("points.npy", &pack(CSV)).expect(name);
        assert!(lies.report.notes.iter().any(|note| note.contains("the name ends")), "{name}");
        let array = npy(&[1.0, 2.0, 3.0]);
        assert_eq!(
            read(&format!("a.npy.{end}"), &pack(&array)).expect(name).cloud.coordinates(),
            [1.0, 2.0, 3.0]
        );
    }
}

/// An NPY file of shape (n,).
fn npy(values: &[f64]) -> Vec<u8> {
    let header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}", values.len());
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:<117}\n").into_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[test]
fn members_follow_each_other_and_zeros_may_end_them() {
    let (head, tail) = CSV.split_at(9);
    for (name, end, pack) in PACKED {
        let file = format!("points.csv.{end}");
        let mut both = [pack(head), pack(b""), pack(tail)].concat();
        assert_eq!(read(&file, &both).expect(name).cloud.len(), 2, "{name}");
        both.resize(both.len() + 100_000, 0);
        assert_eq!(read(&file, &both).expect(name).cloud.len(), 2, "{name}");
        both.extend(b"junk");
        let message = refused(&file, &both);
        assert!(message.contains("something else follows"), "{name}: {message}");
        assert!(message.contains(&format!("byte {}", both.len() - 4)), "{name}: {message}");
    }
    // What programs that pack in parallel put in front: a frame to be skipped.
    let skipped = [&b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"[..], &zstd(CSV)].concat();
    assert_eq!(read("points.csv.zst", &skipped).expect("zstd").cloud.len(), 2);
}

#[test]
fn cut_and_broken_files_are_told() {
    let rows: Vec<String> = (0..2000).map(|k| format!("{k},{}\n", k * k % 977)).collect();
    let rows = rows.concat();
    for (name, end, pack) in PACKED {
        let file = format!("points.csv.{end}");
        let whole = pack(rows.as_bytes());
        for length in [whole.len() - 1, whole.len() - 5, whole.len() / 2, 20, 7] {
            let message = refused(&file, &whole[..length]);
            assert!(message.contains(&format!("the {name} file is broken")), "{length}: {message}");
            assert!(message.contains("copy it"), "{length}: {message}");
        }
        let mut broken = whole.clone();
        let middle = broken.len() / 2;
        broken[middle] ^= 0x55;
        broken[middle + 1] ^= 0x55;
        let message = refused(&file, &broken);
        assert!(message.contains("broken"), "{name}: {message}");
        let message = refused(&file, &pack(&pack(rows.as_bytes())));
        assert!(message.contains(&format!("{name} inside of {name}")), "{message}");
        let message = refused(&file, &pack(b""));
        assert!(message.contains("empty"), "{name}: {message}");
    }
    let mut tar = vec![b'a'; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    assert!(refused("points.tar.gz", &gzip(&tar)).contains("a tar archive"));
}

#[test]
fn a_bomb_is_refused_with_its_sizes() {
    let zeros = vec![0; 1 << 23];
    let options = LoadOptions { byte_budget: 1 << 20, ..LoadOptions::default() };
    for (name, end, pack) in PACKED {
        let bomb = pack(&zeros);
        assert!(bomb.len() < 1 << 16, "{name}");
        let message =
            read_with(&format!("bomb.{end}"), &bomb, &options).expect_err(name).to_string();
        assert!(message.contains("unpack to at least 1.1 MiB"), "{message}");
        assert!(message.contains("at most 1.0 MiB"), "{message}");
    }
}

#[test]
fn unpacking_tells_its_progress_and_can_be_ended() {
    let folder = tempfile::tempdir().expect("sound");
    let path = folder.path().join("points.csv.gz");
    let rows: Vec<String> = (0..100_000_u64).map(|k| format!("{k}.5,{}\n", k * k % 977)).collect();
    let rows = rows.concat();
    std::fs::write(&path, gzip(rows.as_bytes())).expect("sound");
    let mut seen = vec![0.0];
    let mut follow = |Progress { fraction }: Progress| {
        seen.push(fraction);
        ControlFlow::Continue(())
    };
    load(&path, &LoadOptions::default(), &mut follow).expect("sound");
    assert!(seen.is_sorted() && seen.iter().filter(|fraction| **fraction < 0.3).count() > 5);
    let mut end = |_: Progress| ControlFlow::Break(());
    let ended = load(&path, &LoadOptions::default(), &mut end);
    assert!(matches!(ended, Err(LoadError::Cancelled)));
}

/// Set where this program is run once more by itself, with a table on its standard input.
const CHILD: &str = "SIGMASCOPE_TEST_READS_STANDARD_INPUT";

#[test]
fn standard_input_is_read_as_often_as_wanted() {
    if std::env::var_os(CHILD).is_some() {
        let options = LoadOptions::default();
        for _ in 0..2 {
            match load(Path::new("-"), &options, &mut Unobserved) {
                Ok(loaded) => println!(
                    "[{:?} {} {}]",
                    loaded.cloud.coordinates(),
                    loaded.report.path.display(),
                    loaded.report.format
                ),
                Err(err) => println!("[{err}]"),
            }
        }
        return;
    }
    let told = |content: &[u8]| {
        let mut child = std::process::Command::new(std::env::current_exe().expect("sound"))
            .args(["--exact", "standard_input_is_read_as_often_as_wanted", "--nocapture"])
            .env(CHILD, "yes")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("sound");
        child.stdin.take().expect("sound").write_all(content).expect("sound");
        let mut text = String::new();
        child.stdout.take().expect("sound").read_to_string(&mut text).expect("sound");
        assert!(child.wait().expect("sound").success());
        text
    };
    let text = told(CSV);
    let line = "[[1.0, 2.0, 5.0, 6.5] standard input CSV, separator ',']";
    assert_eq!(text.matches(line).count(), 2, "{text}");
    let text = told(&npy(&[4.0, 5.0]));
    assert_eq!(text.matches("[[4.0, 5.0] standard input NPY").count(), 2, "{text}");
    let text = told(&bzip2(CSV));
    assert_eq!(text.matches("inside bzip2]").count(), 2, "{text}");
    let text = told(b"");
    assert_eq!(text.matches("[standard input: the file is empty").count(), 2, "{text}");
}
