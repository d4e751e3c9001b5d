//! Statements of servers, and those that files and other servers may bring.

use super::*;

#[test]
fn of_what_a_bundle_states_only_what_trusted_servers_said_and_is_new_is_brought() {
    let (known, fresh) = (Device::new(5, LEAD), Device::new(6, BANNER));
    let stranger = Key::from_seed(&[22; 32]);
    let signed = |device: &Device| device.certificate(1, AccountRole::Editor).sign(&server());
    let strange = Certificate { authority: stranger.public(), ..fresh.certificate(2, AccountRole::Editor) };
    let mut space = Document::new(Kind::Space, &[1; 16]);
    for bytes in [signed(&known), signed(&fresh), strange.sign(&stranger), b"no statement".to_vec()] {
        let stated = Edit::State { kind: Stated::Certificate, bytes };
        space.edit(&stated, &Stamp::default()).expect("a statement");
    }
    let bundle = bundle::write([(DocumentId::space(SPACE), space.changes_since(&[]))], &fresh.key);
    let here = Proofs { certificates: [signed(&known)].into(), ..Proofs::default() };
    let written = writer_of(&bundle, (SPACE, &here), server().public());
    assert_eq!(written.by, BundleWriter::Device(fresh.certificate(1, AccountRole::Editor)));
    let brought = Proofs { certificates: [signed(&fresh)].into(), ..Proofs::default() };
    assert_eq!(written.brought, brought);
    // With what was brought kept, it is as if the space had said so.
    let mut all = here;
    all.join(brought);
    assert_eq!(read(&all), written.register);
    assert_eq!(writer_of(&bundle, (SPACE, &all), server().public()).brought, Proofs::default());
}

#[test]
fn of_a_statement_there_is_one_form() {
    let (device, beijing) = (Device::new(6, BANNER), Key::from_seed(&[21; 32]));
    let genuine = device.certificate(1, AccountRole::Editor).sign(&server());
    let ending = ending(&device, 1, &[]).sign(&server());
    let endorsement = Endorsement {
        space: SPACE,
        key: beijing.public(),
        name: "北京".into(),
        at: 0,
        authority: server().public(),
    }
    .sign(&server());
    let by_beijing = Certificate {
        authority: beijing.public(),
        ..Device::new(7, LEAD).certificate(1, AccountRole::Editor)
    }
    .sign(&beijing);
    let all = [
        (Stated::Certificate, &genuine),
        (Stated::Certificate, &by_beijing),
        (Stated::Ending, &ending),
        (Stated::Endorsement, &endorsement),
    ];
    let mut space = Document::new(Kind::Space, &[1; 16]);
    for (kind, bytes) in all {
        // Behind it, or with the lengths in it written in more bytes than they need.
        let padded = [bytes, &[0; 3][..]].concat();
        let longer = [&[0x98, 0x02][..], &bytes[1..]].concat();
        for bytes in [padded, longer, bytes.clone()] {
            space.edit(&Edit::State { kind, bytes }, &Stamp::default()).expect("a statement");
        }
    }
    let bundle = bundle::write([(DocumentId::space(SPACE), space.changes_since(&[]))], &device.key);
    let written = writer_of(&bundle, (SPACE, &Proofs::default()), server().public());
    let brought = Proofs {
        certificates: [genuine.clone(), by_beijing.clone()].into(),
        endings: [ending.clone()].into(),
        endorsements: [endorsement.clone()].into(),
    };
    assert_eq!(written.brought, brought);
    // Its own ending is among what it states.
    assert_eq!(written.by, BundleWriter::Nobody);
    assert_eq!(read(&brought), written.register);
    for (kind, bytes) in all {
        assert!(brought.iter().any(|one| one == (kind, bytes)) && Stated::of_word(kind.word()) == Some(kind));
    }
}

#[test]
fn who_reads_no_statements_takes_its_own_records_and_no_others() {
    let (mut firm, mut other) = (Device::new(5, BANNER), Device::new(6, BANNER));
    let own = Certificate { authority: firm.key.public(), ..firm.certificate(1, AccountRole::Enterprise) };
    let by = |key: &Key| bundle::write([], key);
    let mine = writer_alone(&by(&firm.key), own.clone());
    assert_eq!(mine.by, BundleWriter::Device(own.clone()));
    assert_eq!(taken(&mine.register, &firm.write(EntryKind::Issue), BANNER), Ok(()));
    // By a file of somebody else its own records come as well, and nobody posing as it.
    let strange = writer_alone(&by(&other.key), own);
    assert_eq!(strange.by, BundleWriter::Nobody);
    let mut forged = firm.write(EntryKind::Issue);
    forged.body = "不是本企业写的".into();
    assert_eq!(taken(&strange.register, &forged, BANNER), Err(Doubt::Forged));
    forged.sign(&other.key);
    assert_eq!(taken(&strange.register, &forged, BANNER), Err(Doubt::Forged));
    assert_eq!(taken(&strange.register, &other.write(EntryKind::Issue), BANNER), Err(Doubt::UnknownDevice));
}

#[test]
fn no_other_server_takes_a_device_over() {
    let (city, beijing) = (server(), Key::from_seed(&[21; 32]));
    let mut lead = Device::new(5, LEAD);
    let endorsement = Endorsement {
        space: SPACE,
        key: beijing.public(),
        name: "北京".into(),
        at: 0,
        authority: city.public(),
    };
    let own = lead.certificate(1, AccountRole::Editor);
    for serial in [0, 1, 2] {
        // Under a person of its own choice; whichever of the two stands first.
        for number in 0..8 {
            let usurping = Certificate {
                authority: beijing.public(),
                person: PersonId::from_bytes([number; 16]),
                ..lead.certificate(serial, AccountRole::Administrator)
            };
            let proofs = Proofs {
                certificates: [own.sign(&city), usurping.sign(&beijing)].into(),
                endings: [ending(&lead, 1, &[]).sign(&city)].into(),
                endorsements: [endorsement.sign(&city)].into(),
            };
            let register = read(&proofs);
            assert_eq!(register.certificate(lead.id), None, "its ending holds");
            assert_eq!(taken(&register, &lead.write(EntryKind::Report), LEAD), Err(Doubt::Ended));
        }
    }
    // Serials count from 1.
    let none = register(&[lead.certificate(0, AccountRole::Editor)], &[]);
    assert_eq!((none.devices().count(), none.next_serial(lead.id)), (0, 1));
}

#[test]
fn servers_trust_whom_they_endorse_and_nobody_else() {
    let (city, beijing, stranger) = (server(), Key::from_seed(&[21; 32]), Key::from_seed(&[22; 32]));
    let mut device = Device::new(5, LEAD);
    let by = |key: &Key, device: &Device| {
        Certificate { authority: key.public(), ..device.certificate(1, AccountRole::Editor) }.sign(key)
    };
    let endorsed = |by: &Key, key: &Key| {
        Endorsement { space: SPACE, key: key.public(), name: "北京".into(), at: 0, authority: by.public() }
            .sign(by)
    };
    let entry = device.write(EntryKind::Report);
    let judged = |certified: &Key, endorsements: Vec<Vec<u8>>| {
        let proofs = Proofs {
            certificates: [by(certified, &device)].into(),
            endorsements: endorsements.into_iter().collect(),
            ..Proofs::default()
        };
        taken(&read(&proofs), &entry, LEAD)
    };
    assert_eq!(judged(&beijing, vec![endorsed(&city, &beijing)]), Ok(()));
    // Along a chain, in whatever order.
    assert_eq!(judged(&stranger, vec![endorsed(&beijing, &stranger), endorsed(&city, &beijing)]), Ok(()));
    assert_eq!(judged(&stranger, vec![endorsed(&city, &beijing)]), Err(Doubt::UnknownDevice));
    assert_eq!(judged(&stranger, vec![endorsed(&stranger, &stranger)]), Err(Doubt::UnknownDevice));
    // A second key under the name of a known device is no certificate of it.
    let proofs = Proofs {
        certificates: [by(&city, &device), {
            let thief = Device { key: Key::from_seed(&[66; 32]), ..Device::new(5, LEAD) };
            thief.certificate(2, AccountRole::Editor).sign(&city)
        }]
        .into(),
        ..Proofs::default()
    };
    let register = read(&proofs);
    assert_eq!(register.devices().count(), 1);
}

#[test]
fn no_endorsed_server_takes_a_device_from_another() {
    let (city, beijing, other) = (server(), Key::from_seed(&[21; 32]), Key::from_seed(&[22; 32]));
    let device = Device::new(5, LEAD);
    let endorsed = |key: &Key| {
        Endorsement {
            space: SPACE, key: key.public(), name: "北京".into(), at: 0, authority: city.public()
        }
        .sign(&city)
    };
    let by = |key: &Key, serial| {
        Certificate { authority: key.public(), ..device.certificate(serial, AccountRole::Editor) }.sign(key)
    };
    let known = Proofs {
        certificates: [by(&beijing, 1)].into(),
        endorsements: [endorsed(&beijing), endorsed(&other)].into(),
        ..Proofs::default()
    };
    let new = |certificate| Proofs { certificates: [certificate].into(), ..Proofs::default() };
    let register = read(&known);
    assert_eq!(register.addable(SPACE, new(by(&other, 1))), Proofs::default());
    assert_eq!(register.addable(SPACE, new(by(&city, 2))), Proofs::default());
    // Servers let it in all the same, whatever they know of devices: else they would refuse each other.
    assert_eq!(register.of_trusted(SPACE, new(by(&other, 1))), new(by(&other, 1)));
    // A file in which two claim one device makes it nobody's.
    let unknown = read(&Proofs { certificates: [].into(), ..known.clone() });
    let both = Proofs { certificates: [by(&beijing, 1), by(&other, 1)].into(), ..Proofs::default() };
    assert_eq!(unknown.addable(SPACE, both), Proofs::default());
    // Its own server certifies it anew.
    assert_eq!(register.addable(SPACE, new(by(&beijing, 2))), new(by(&beijing, 2)));
}

#[test]
fn no_endorsed_server_certifies_a_device_for_a_person_of_ours() {
    let (city, beijing) = (server(), Key::from_seed(&[21; 32]));
    let ours = Device::new(5, LEAD);
    let posing = |person: PersonId| Device { person, ..Device::new(6, LEAD) };
    let by_beijing = |device: &Device| {
        Certificate { authority: beijing.public(), ..device.certificate(1, AccountRole::Editor) }
            .sign(&beijing)
    };
    let endorsed = Endorsement {
        space: SPACE,
        key: beijing.public(),
        name: "北京".into(),
        at: 0,
        authority: city.public(),
    };
    let known = Proofs {
        certificates: [ours.certificate(1, AccountRole::Editor).sign(&city)].into(),
        endorsements: [endorsed.sign(&city)].into(),
        ..Proofs::default()
    };
    for (person, counts) in
        [(PersonId::from_bytes([6; 16]), Ok(())), (ours.person, Err(Doubt::UnknownDevice))]
    {
        let mut device = posing(person);
        let certificate = Proofs { certificates: [by_beijing(&device)].into(), ..Proofs::default() };
        let mut all = known.clone();
        all.join(certificate.clone());
        let entry = device.write(EntryKind::Report);
        assert_eq!(taken(&read(&all), &entry, LEAD), counts);
        let taken_from_a_file = read(&known).addable(SPACE, certificate.clone());
        assert_eq!(taken_from_a_file == certificate, counts.is_ok());
        // Nor does it count as one more device of that person.
        let of_person = read(&all).first_certified(ours.person, 0);
        assert_eq!(of_person, 1);
    }
}

#[test]
fn a_device_that_knows_itself_alone_knows_what_it_wrote_before() {
    let device = Device::new(5, LEAD);
    let register = Register::alone(device.certificate(3, AccountRole::Enterprise));
    assert_eq!((register.next_serial(device.id), register.devices().count()), (4, 1));
    // A serial beyond reason neither hangs nor overflows.
    let register = Register::alone(device.certificate(u32::MAX - 1, AccountRole::Enterprise));
    assert_eq!(register.next_serial(device.id), u32::MAX);
}

#[test]
fn only_the_server_of_a_device_speaks_of_it() {
    let (city, beijing) = (server(), Key::from_seed(&[21; 32]));
    let mut device = Device::new(5, LEAD);
    let entry = device.write(EntryKind::Report);
    let endorsed = Endorsement {
        space: SPACE,
        key: beijing.public(),
        name: "北京".into(),
        at: 0,
        authority: city.public(),
    };
    let with = |certificates: Vec<Vec<u8>>, endings: Vec<Vec<u8>>| {
        let proofs = Proofs {
            certificates: certificates.into_iter().collect(),
            endings: endings.into_iter().collect(),
            endorsements: [endorsed.sign(&city)].into(),
        };
        taken(&read(&proofs), &entry, LEAD)
    };
    let own = device.certificate(1, AccountRole::Editor).sign(&city);
    // Another trusted server ends it: that is not its device.
    let ending = Ending { authority: beijing.public(), ..ending(&device, 1, &[]) };
    assert_eq!(with(vec![own.clone()], vec![ending.sign(&beijing)]), Ok(()));
    // Another key under its id is no device at all, whoever certifies it.
    let thief = Device { key: Key::from_seed(&[66; 32]), id: device.id, ..Device::new(7, LEAD) };
    let usurping = Certificate { authority: beijing.public(), ..thief.certificate(1, AccountRole::Editor) };
    assert_eq!(with(vec![own, usurping.sign(&beijing)], vec![]), Ok(()));
}

/// However much a device has written, it can be ended: what was seen of it comes in parts, which say nothing before
/// all of them are there.
#[test]
fn a_device_that_has_written_very_much_can_be_ended() {
    let mut lead = Device::new(5, LEAD);
    let (before, later) = (lead.write(EntryKind::CloseDecision), lead.write(EntryKind::CloseDecision));
    let certificate = lead.certificate(1, AccountRole::Editor);
    let mut seen: Vec<EntryId> = (0..250_000_u32)
        .map(|number| EntryId::from_bytes(crate::id::fingerprint_of(&number.to_be_bytes())))
        .collect();
    seen.push(before.id);
    let parts: Vec<Ending> = ending(&lead, 1, &seen).in_parts().collect();
    let stored: Vec<Vec<u8>> = parts.iter().map(|part| part.sign(&server())).collect();
    assert!(stored.len() == 3 && stored.iter().all(|bytes| Ending::open(SPACE, bytes).is_some()));
    let some = register(std::slice::from_ref(&certificate), &parts[..2]);
    assert!(some.certificate(lead.id).is_some(), "one is missing");
    let mut all: Vec<Ending> = parts.iter().rev().cloned().collect();
    all.extend(parts);
    let all = register(std::slice::from_ref(&certificate), &all);
    assert!(all.certificate(lead.id).is_none());
    assert_eq!(taken(&all, &before, LEAD), Ok(()));
    assert_eq!(taken(&all, &later, LEAD), Err(Doubt::Ended));
    // An ending that fits into one statement is one, as devices of before read it.
    let alone: Vec<Ending> = ending(&lead, 1, &[before.id]).in_parts().collect();
    assert_eq!(alone, [ending(&lead, 1, &[before.id])]);
}

/// Each statement is opened when it comes: one account that has many made costs the others nothing with each.
#[test]
fn statements_are_opened_once() {
    let devices: Vec<Device> = (10..40).map(|number| Device::new(number, BANNER)).collect();
    let stranger = Key::from_seed(&[22; 32]);
    let mut all: Vec<(Stated, Vec<u8>)> = Vec::new();
    for device in &devices {
        all.push((Stated::Certificate, device.certificate(1, AccountRole::Editor).sign(&server())));
        all.push((Stated::Ending, ending(device, 1, &[]).sign(&server())));
        let strange =
            Certificate { authority: stranger.public(), ..device.certificate(2, AccountRole::Editor) };
        all.push((Stated::Certificate, strange.sign(&stranger)));
    }
    all.push((Stated::Certificate, b"no statement".to_vec()));
    // In whatever order they come, it is as if all were read at once.
    for order in 0..3 {
        all.rotate_left(order * 17);
        let (mut opened, mut proofs, mut count) = (Opened::default(), Proofs::default(), 0);
        for (kind, bytes) in &all {
            proofs.of_mut(*kind).insert(bytes.clone());
            count += opened.take(SPACE, &proofs);
        }
        assert_eq!(count, all.len());
        assert_eq!(Register::of(&opened, server().public()), read(&proofs));
        assert_eq!(opened.take(SPACE, &proofs), 0);
        // A statement that the space has no more counts no more, and another space knows none of it.
        proofs.endings.clear();
        assert_eq!(opened.take(SPACE, &proofs), 0);
        let register = Register::of(&opened, server().public());
        assert!(devices.iter().all(|device| register.certificate(device.id).is_some()));
        assert_eq!(opened.take(SpaceId::from_bytes([9; 16]), &proofs), proofs.certificates.len());
        assert_eq!(Register::of(&opened, server().public()).devices().count(), 0);
    }
}
