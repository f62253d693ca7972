namespace Koopman.Experiments

open System
open Koopman.Cli

/// <summary>The tables of particles in docs/particles.fsx and README.md, made from the metrics of stored runs.</summary>
[<RequireQualifiedAccess>]
module ParticleTables =

    let private decimals (digits: int) (name: string) : (string -> string) * (float -> string) =
        (fun method -> $"{method}.{name}"), MeasuredRow.number digits

    let private seconds: (string -> string) * (float -> string) =
        (fun method -> $"{method}.cpu_seconds"), MeasuredRow.figures

    /// The same of a further part or run, whose metrics have a prefix.
    let private under
        (prefix: string)
        (name: string -> string, words: float -> string)
        : (string -> string) * (float -> string) =
        name >> (fun name -> prefix + name), words

    /// A row for every method with a cell for every column.
    let private rows
        (columns: ((string -> string) * (float -> string)) list)
        (methods: string list)
        (metrics: Map<string, float>)
        : string list =
        [
            for method in methods ->
                MeasuredRow.ofCells (
                    Comparison.label method
                    :: [ for name, words in columns -> MeasuredRow.cell words metrics (name method) ]
                )
        ]

    let private simple = [ "bootstrap"; "data"; "smoothed"; "kde_ula"; "kde_svgd" ]

    let private chains = [ "ula"; "mala"; "hmc"; "svgd" ]

    let private onLine =
        [ "kswgd"; "dmps"; yield! simple; yield! chains; "lawgd"; "floor" ]

    let private inPlane =
        [
            "kswgd"
            "dmps"
            yield! simple
            yield! chains
            "matrix_svgd"
            "lawgd"
            "floor"
        ]

    /// <summary><c>quadruple-well</c>: KL, MMD, near wells, coverage, nn ratio, put back, processor seconds.</summary>
    let quadrupleWell: Map<string, float> -> string list =
        rows
            [
                decimals 3 "kl"
                decimals 3 "mmd"
                decimals 3 "near_wells"
                decimals 3 "coverage"
                decimals 2 "nn_ratio"
                decimals 3 "put_back"
                seconds
            ]
            inPlane

    /// <summary>The table of <c>quadruple-well</c> in README.md, as the command prints it.</summary>
    let quadrupleWellLines (metrics: Map<string, float>) : string list =
        [
            for method in inPlane ->
                let cells =
                    [
                        for name, width in
                            [
                                "kl", 7
                                "mmd", 9
                                "sw2", 12
                                "coverage", 11
                                "nn_ratio", 11
                                "near_wells", 13
                                "mass_error", 13
                                "mean_potential", 9
                                "cpu_seconds", 9
                                "iterations", 13
                            ] -> (MeasuredRow.cell Ui.number metrics $"{method}.{name}").PadLeft width
                    ]

                (Comparison.label method).PadRight 32 + String.Join("", cells)
        ]

    /// <summary><c>trajectory</c>: KL, coverage, nn ratio, mass error, mass to the trajectory's, put back.</summary>
    let trajectory: Map<string, float> -> string list =
        rows
            [
                decimals 3 "kl"
                decimals 3 "coverage"
                decimals 2 "nn_ratio"
                decimals 3 "mass_error"
                decimals 3 "mass_to_data"
                decimals 3 "put_back"
            ]
            [ "kswgd"; "kswgd_form"; yield! simple; "floor" ]

    /// <summary><c>cold-well</c>: KL, MMD, mass, its error, coverage, put back, processor seconds.</summary>
    let coldWell: Map<string, float> -> string list =
        rows
            [
                decimals 3 "kl"
                decimals 3 "mmd"
                decimals 3 "mass"
                decimals 3 "mass_error"
                decimals 3 "coverage"
                decimals 3 "put_back"
                seconds
            ]
            onLine

    /// <summary><c>asymmetric-well</c> at T = .5 and .3: KL, mass, its error.</summary>
    let asymmetricWell: Map<string, float> -> string list =
        let columns = [ decimals 3 "kl"; decimals 3 "mass"; decimals 3 "mass_error" ]
        rows (columns @ List.map (under "cold.") columns) onLine

    /// <summary><c>swarm</c>: KL, mass, its error, MMD, nn ratio.</summary>
    let swarm: Map<string, float> -> string list =
        rows
            [
                decimals 3 "kl"
                decimals 3 "mass"
                decimals 3 "mass_error"
                decimals 3 "mmd"
                decimals 2 "nn_ratio"
            ]
            [ "kswgd"; yield! simple; "raw"; "floor" ]

    /// <summary><c>posterior</c>, mild and strong: KL, mean error, nn ratio.</summary>
    let posterior: Map<string, float> -> string list =
        let columns = [ decimals 4 "kl"; decimals 3 "mean_error"; decimals 2 "nn_ratio" ]

        rows (columns @ List.map (under "strong.") columns) [ "kswgd"; yield! simple; "start"; "mala"; "svgd"; "floor" ]

    let private onSurfaces =
        [
            "kswgd"
            "dmps"
            "bootstrap"
            "data"
            "smoothed"
            "kde_ula"
            "start"
            "ula"
            "raw"
            "floor"
        ]

    /// <summary><c>torus</c>, <c>sphere</c> and <c>circle</c>: MMD, coverage, nn ratio; of the torus also the law of φ.</summary>
    let surfaces: Map<string, float> -> string list =
        let columns = [ decimals 3 "mmd"; decimals 3 "coverage"; decimals 2 "nn_ratio" ]

        rows
            [
                under "torus/" (decimals 3 "phi_tv")
                for surface in [ "torus/"; "sphere/"; "circle/" ] do
                    yield! columns |> List.map (under surface)
            ]
            onSurfaces

    /// <summary><c>sphere-10</c> and <c>sphere-100</c>: MMD, mean error, error of the second moments, nn ratio.</summary>
    let spheres: Map<string, float> -> string list =
        rows
            [
                for sphere in [ "sphere-10/"; "sphere-100/" ] do
                    under sphere (decimals 3 "mmd")
                    under sphere (decimals 3 "mean_error")
                    under sphere (decimals 3 "moment_error")
                    under sphere (decimals 2 "nn_ratio")
            ]
            onSurfaces

    /// <summary><c>allen-cahn-spde</c>, torus and ring: MMD, coverage, mass error, law of a site's value; of the torus also put back.</summary>
    let allenCahn: Map<string, float> -> string list =
        let columns =
            [
                decimals 3 "mmd"
                decimals 3 "coverage"
                decimals 3 "mass_error"
                decimals 3 "pixel_tv"
            ]

        rows
            [
                yield! columns
                decimals 3 "put_back"
                yield! columns |> List.map (under "ring.")
                under "ring." (decimals 3 "put_back")
            ]
            [
                "kswgd"
                "kswgd_autoencoder"
                "kswgd_samples"
                "dmps"
                yield! simple
                "fields"
                "start"
                "ula"
                "pmala"
                "pcn"
                "floor"
            ]

    /// <summary><c>ablation</c>: KL, mass error and put back in the cold well; KL, coverage and put back in four warm ones.</summary>
    let ablation: Map<string, float> -> string list =
        rows
            [
                decimals 3 "kl"
                decimals 3 "mass_error"
                decimals 3 "put_back"
                under "warm." (decimals 3 "kl")
                under "warm." (decimals 3 "coverage")
                under "warm." (decimals 3 "put_back")
            ]
            [
                "kswgd"
                "no_guard"
                "no_jitter"
                "no_polish"
                "none"
                "wide"
                "widest"
                "widest_no_guard"
                "floor"
            ]
