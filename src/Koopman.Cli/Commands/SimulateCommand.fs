namespace Koopman.Cli

open System
open Koopman

/// <summary><c>koopman simulate</c>: data of a system with known rates.</summary>
[<RequireQualifiedAccess>]
module SimulateCommand =

    /// The memory that a pair takes on its way to the file: both states, a copy, and their file.
    let private bytesPerPair (dimension: int) : float = 48.0 * float dimension + 16.0

    /// A day's work for one processor.
    let private mostEvaluations: float = 1e12

    /// <summary>Writes pairs of the system to a file.</summary>
    let run (system: string) (pairs: int) (lag: float) (trajectory: bool) (seed: int) (out: string) : Outcome<unit> =
        result {
            let! system = Systems.byName system
            do! Inputs.checkWritable [ Some out ]

            // The inner steps of the simulation are of .001 at most.
            let evaluations = float pairs * lag / 0.001

            if evaluations > mostEvaluations then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{pairs} pairs at lag {lag} need {evaluations:G3} steps of the simulation"
                        "Give a shorter --lag or fewer --pairs"
            elif not (out.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) then
                return!
                    KoopmanError.fail
                        ErrorKind.UnwritableFile
                        $"{out}: pairs are stored as .npz"
                        "Give --out a file name that ends in .npz"
            elif
                float pairs * bytesPerPair system.Dimension > float (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{pairs} pairs need about {float pairs * bytesPerPair system.Dimension / 1e9:F0} GB of memory"
                        "Give fewer --pairs"
            else
                let seed = Seed.ofInt seed

                let data =
                    if trajectory then
                        result {
                            use! states = Systems.trajectory system (pairs + 1) lag seed
                            use! pairs = SnapshotPairs.ofTrajectory lag states
                            return SnapshotPairs.withTemperature system.Temperature pairs
                        }
                    else
                        Systems.equilibriumPairs system pairs lag seed

                use! data = data
                do! Dataset.writePairs out data
                let how = if trajectory then "consecutive" else "independent"

                Ui.say
                    $"{out}: {data.Count} {how} pairs of the {system.Name} in {data.Dimension} dimension(s), lag {lag}, T = {system.Temperature}"
        }
