using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Collections;

namespace Koopman;

/// <summary>How a data file is to be understood, where that differs from what the reader finds by itself.</summary>
public sealed record ReadSettings
{
    /// <summary>
    /// The columns of the state, by name; those of a table without header and of an array are x1, x2, ... Default: all that are nothing
    /// else. In an archive also the name of the array of states.
    /// </summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The column of the times. Default: one named t, time or timestamp, in any case, also with a unit, or one of ISO dates.</summary>
    public string? Time { get; init; }

    /// <summary>The columns of the inputs. Default: those whose names begin with <c>input:</c>.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>The column that names the trajectory of each row. Default: one named trajectory, run or id, in any case.</summary>
    public string? Trajectory { get; init; }

    /// <summary>The meaning of the axes of an array. Default: of three, trajectories if there are times, and frames if not.</summary>
    public ArrayLayout? Layout { get; init; }

    /// <summary>The treatment of missing values. Default <see cref="MissingValues.Refuse"/>.</summary>
    public MissingValues Missing { get; init; } = DatasetModule.defaults.Missing;

    /// <summary>
    /// Units of columns by name, which are added to their names as in "a [m]"; <c>time</c> is that of the times, whatever their column is
    /// called. Default none but those in the file.
    /// </summary>
    public IReadOnlyDictionary<string, string> Units { get; init; } = new Dictionary<string, string>();

    /// <summary>The time between consecutive rows of a file that does not say it; rows are then the states of a trajectory. Default none.</summary>
    public double? Lag { get; init; }

    /// <summary>Further file formats to read, those of the package Koopman.Formats: <c>FileFormats.All</c>. Default none.</summary>
    public IReadOnlyList<FileFormat> Formats { get; init; } = [];

    internal ReadOptions ToCore() =>
        new(
            ListModule.OfSeq(Columns),
            Time.ToOption(),
            ListModule.OfSeq(Inputs),
            Trajectory.ToOption(),
            Layout.ToOption(),
            Missing,
            ListModule.OfSeq(Units.Select(unit => Tuple.Create(unit.Key, unit.Value))),
            Lag.ToOption(),
            [.. Formats]);
}
