//! Spreadsheets: options, then the text of a sheet, of its strings and of its styles, in an archive that is
//! sound; as XLSX, or as ODS.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::{Text, check, options};
use sigmascope_io::LoadOptions;

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

#[derive(Debug)]
struct Input<'a> {
    options: LoadOptions,
    open_document: bool,
    text: Text<'a>,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let options = options(bytes)?;
        let open_document = bytes.arbitrary::<u8>()? == b'o';
        Ok(Self { options, open_document, text: Text(bytes.bytes(bytes.len())?) })
    }
}

/// The checksum of a part of a zip archive.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

/// A zip archive of parts that are not packed.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(checksum(content).to_le_bytes());
        fields.extend([(content.len() as u32).to_le_bytes(); 2].concat());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        directory.extend([b"PK\x01\x02\x14\0", fields.as_slice(), &[0; 10]].concat());
        directory.extend((zip.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        zip.extend([b"PK\x03\x04", fields.as_slice(), name.as_bytes(), content].concat());
    }
    let count = (parts.len() as u16).to_le_bytes();
    let sizes = [directory.len() as u32, zip.len() as u32].map(u32::to_le_bytes).concat();
    zip.extend(&directory);
    zip.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &sizes, &[0, 0]].concat());
    zip
}

fn workbook(text: &[u8]) -> Vec<u8> {
    let mut parts = text.splitn(3, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (sheet, strings, styles) = (part(), part(), part());
    let relations = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"r\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>\
             </Relationships>"
        )
    };
    let sheet = [b"<worksheet><sheetData>", sheet, b"</sheetData></worksheet>"].concat();
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml").as_bytes()),
        (
            "xl/workbook.xml",
            b"<workbook><sheets><sheet name=\"s\" r:id=\"r\"/></sheets></workbook>",
        ),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

fuzz_target!(|input: Input<'_>| {
    let Input { options, open_document, text: Text(text) } = input;
    let content = if open_document {
        let kind = b"application/vnd.oasis.opendocument.spreadsheet";
        archive(&[("mimetype", kind), ("content.xml", text)])
    } else {
        workbook(text)
    };
    // Whatever comes of it is right if the check says so.
    drop(check(&content, &options));
});
