namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>One part of an evidence file.</summary>
/// <param name="Name">The first word of its line.</param>
/// <param name="Value">What follows on the line; empty for none.</param>
/// <param name="Text">The text under it, in whole lines; empty for none.</param>
internal sealed record EvidenceField(string Name, string Value, string Text = "");
