namespace Koopman

open System.Numerics
open TorchSharp

/// The stored description of a forecaster, apart from its tensors.
[<NoComparison; NoEquality>]
type internal ForecasterHeader =
    {
        Options: ForecastOptions
        IsCoupled: bool
        LookBack: int
        Centre: ForecastCentre
        Share: float
        Step: float
        Means: float list
        Scales: float list
        Windows: float
        LastTime: float
        Sizes: float list
        Residuals: float list
        Stretches: float list
        /// The number of rows of inputs that act, the means of the inputs, and the share that they explain.
        Inputs: (int * float list * float) option
        Constant: int
    }

/// Forecasters in safetensors files.
[<RequireQualifiedAccess>]
module internal ForecasterFile =

    let private kind: string = "forecaster"

    let private inputs: Codec<int * float list * float, int * float list * float> =
        codec {
            let! lags = Codec.int "rows" (fun (rows, _, _) -> rows)
            and! means = Codec.floats "means" (fun (_, means, _) -> means)
            and! explained = Codec.float "explained" (fun (_, _, explained) -> explained)
            return lags, means, explained
        }

    let private number: Codec<float, float> = Codec.float "value" id
    let private whole: Codec<int, int> = Codec.int "value" id

    let private options: Codec<ForecastOptions, ForecastOptions> =
        codec {
            let! horizon = Codec.count<ForecastOptions> "horizon" _.Horizon
            and! rank = Codec.count<ForecastOptions> "rank" _.Rank
            and! ridge = Codec.positive<ForecastOptions> "ridge" _.Ridge
            and! centre = Codec.choice<ForecastOptions, ForecastCentre> "centre" _.Centre
            and! columns = Codec.choice<ForecastOptions, ForecastColumns> "columns" _.Columns

            and! structure =
                Codec.choice<ForecastOptions, ForecastStructure> "structure" _.Structure

            and! periods = Codec.floats<ForecastOptions> "periods" (_.Periods >> List.ofArray)

            and! halfLife =
                Codec.optional number "halfLife" (_.HalfLife: ForecastOptions -> float option)

            and! lags =
                Codec.optional whole "inputLags" (_.InputLags: ForecastOptions -> int option)

            and! level = Codec.positive<ForecastOptions> "level" _.Level
            and! heldOut = Codec.positive<ForecastOptions> "heldOut" _.HeldOut

            return
                {
                    LookBack = None
                    Horizon = horizon
                    Rank = rank
                    Ridge = ridge
                    Centre = centre
                    Columns = columns
                    Structure = structure
                    Periods = Array.ofList periods
                    HalfLife = halfLife
                    InputLags = lags
                    Level = level
                    HeldOut = heldOut
                }
        }

    let private header: Codec<ForecasterHeader, ForecasterHeader> =
        codec {
            let! options =
                Codec.object options "options" (fun (header: ForecasterHeader) -> header.Options)

            and! isCoupled = Codec.flag<ForecasterHeader> "coupled" _.IsCoupled
            and! look = Codec.count<ForecasterHeader> "lookBack" _.LookBack
            and! centre = Codec.choice<ForecasterHeader, ForecastCentre> "centre" _.Centre
            and! share = Codec.float<ForecasterHeader> "share" _.Share
            and! step = Codec.positive<ForecasterHeader> "step" _.Step
            and! means = Codec.floats<ForecasterHeader> "means" _.Means
            and! scales = Codec.floats<ForecasterHeader> "scales" _.Scales
            and! windows = Codec.positive<ForecasterHeader> "windows" _.Windows
            and! lastTime = Codec.float<ForecasterHeader> "lastTime" _.LastTime
            and! sizes = Codec.floats<ForecasterHeader> "amplitudes" _.Sizes
            and! residuals = Codec.floats<ForecasterHeader> "residuals" _.Residuals
            and! stretches = Codec.floats<ForecasterHeader> "stretches" _.Stretches

            and! inputs =
                Codec.optional inputs "inputs" (fun (header: ForecasterHeader) -> header.Inputs)

            and! constant = Codec.int<ForecasterHeader> "constant" _.Constant

            return
                {
                    Options = { options with LookBack = Some look }
                    IsCoupled = isCoupled
                    LookBack = look
                    Centre = centre
                    Share = share
                    Step = step
                    Means = means
                    Scales = scales
                    Windows = windows
                    LastTime = lastTime
                    Sizes = sizes
                    Residuals = residuals
                    Stretches = stretches
                    Inputs = inputs
                    Constant = constant
                }
        }

    let private headerOf (parts: ForecasterParts) : ForecasterHeader =
        {
            Options = parts.Options
            IsCoupled = parts.IsCoupled
            LookBack = parts.LookBack
            Centre = parts.Centre
            Share = parts.Share
            Step = parts.Step
            Means = List.ofArray parts.Means
            Scales = List.ofArray parts.Scales
            Windows = parts.Sums.Windows
            LastTime = parts.LastTime
            Sizes = List.ofArray parts.Operator.Sizes
            Residuals = List.ofArray parts.Operator.Residuals
            Stretches = parts.Bands |> Seq.map _.Stretch |> List.ofSeq
            Inputs =
                parts.Effect
                |> Option.map (fun effect -> effect.Lags, List.ofArray effect.Means, effect.Explained)
            Constant = parts.Constant
        }

    /// Rows of equal length; of the length given if there are none.
    let private rowsOf (rows: float[][]) : Tensor =
        Tensors.ofRows rows.Length (Array.concat rows)

    /// Complex numbers as rows of real and imaginary parts.
    let private complexRows (values: Complex[]) : Tensor =
        values
        |> Array.collect (fun value -> [| value.Real; value.Imaginary |])
        |> Tensors.ofVector
        |> fun flat -> flat.reshape (int64 values.Length, 2L)

    let write (path: string) (parts: ForecasterParts) : Outcome<unit> =
        use _ = Tensors.scope ()
        let operator, sums = parts.Operator, parts.Sums
        let amplitudes = operator.Amplitudes

        Checkpoint.write
            path
            kind
            1
            (Codec.write header (headerOf parts))
            [
                "sums", Tensors.ofRows ((sums.LookBack + 1) * sums.Columns) sums.Products
                "encode", operator.Encode
                "step", operator.Step
                "gram", operator.Gram
                "amplitudes.real", amplitudes.real
                "amplitudes.imaginary", amplitudes.imag
                "eigenvalues", complexRows operator.Eigenvalues
                "moved", complexRows operator.Moved
                "widths", rowsOf (parts.Bands |> Array.map _.Widths)
                "gains", rowsOf (parts.Bands |> Array.map _.Gains)
                "joint", rowsOf (parts.Bands |> Array.map _.Joint)
                "paths", rowsOf parts.Paths
                "tail", rowsOf parts.Tail
                match parts.Effect with
                | None -> ()
                | Some effect ->
                    "effect", rowsOf effect.Coefficients

                    if effect.Lags > 0 then
                        "inputs", rowsOf parts.InputTail
            ]

    let private each (tensor: Tensor) : float[][] =
        Tensors.toArray tensor |> Array.chunkBySize (int (Array.last tensor.shape))

    let private complexes (tensor: Tensor) : Complex[] =
        Tensors.toArray tensor
        |> Array.chunkBySize 2
        |> Array.map (fun pair -> Complex(pair[0], pair[1]))

    let read (path: string) : Outcome<ForecasterParts> =
        result {
            use! checkpoint = Checkpoint.readKind kind 1 path
            use _ = Tensors.scope ()
            let! stored = header.Take checkpoint.Options
            let look, horizon = int64 stored.LookBack, int64 stored.Options.Horizon
            let d = int64 stored.Means.Length
            let block = if stored.IsCoupled then d else 1L
            let past = look * block

            let take (name: string) (shape: int64 list) =
                checkpoint.Tensor name
                |> Result.bind (Checkpoint.fitAs torch.float64 name shape)

            /// A tensor whose number of rows, or columns, is its own.
            let takeAny (name: string) (shape: Tensor -> int64 list) =
                checkpoint.Tensor name
                |> Result.bind (fun tensor -> Checkpoint.fitAs torch.float64 name (shape tensor) tensor)

            let! encode = takeAny "encode" (fun tensor -> [ past; Array.last tensor.shape ])
            let r = encode.shape[1]
            let m = int64 stored.Sizes.Length
            let! step = take "step" [ r; r ]
            let! gram = take "gram" [ r; r ]
            let! real = take "amplitudes.real" [ block; past; m + 1L ]
            let! imaginary = take "amplitudes.imaginary" [ block; past; m + 1L ]
            let! eigenvalues = take "eigenvalues" [ m; 2L ]
            let! moved = takeAny "moved" (fun tensor -> [ tensor.shape[0]; 2L ])
            let! sums = take "sums" [ (look + 1L) * block; (look + horizon) * block ]
            let! widths = take "widths" [ d; horizon ]
            let! gains = take "gains" [ d; horizon ]
            let! joint = take "joint" [ d; horizon ]
            let! paths = takeAny "paths" (fun tensor -> [ tensor.shape[0]; d * horizon ])
            let! tail = takeAny "tail" (fun tensor -> [ d; Array.last tensor.shape ])

            let! effect, inputTail =
                match stored.Inputs with
                | None -> Ok(None, [||])
                | Some(lags, means, explained) ->
                    result {
                        let p = int64 means.Length
                        let! coefficients = take "effect" [ d; int64 (lags + 1) * p ]

                        let! inputs =
                            if lags = 0 then
                                Ok(Array.create means.Length [||])
                            else
                                take "inputs" [ p; int64 lags ] |> Result.map each

                        return
                            Some
                                {
                                    Lags = lags
                                    Means = Array.ofList means
                                    Coefficients = each coefficients
                                    Explained = explained
                                },
                            inputs
                    }

            if
                tail.shape[1] < look
                || stored.Scales.Length <> stored.Means.Length
                || stored.Stretches.Length <> stored.Means.Length
                || stored.Residuals.Length <> stored.Sizes.Length
            then
                return!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        "The parts of the stored forecaster do not fit each other"
                        "The file was written by another version of the library: write it again with this one"
            else
                let widths, gains, joint = each widths, each gains, each joint

                return
                    {
                        Options = stored.Options
                        IsCoupled = stored.IsCoupled
                        LookBack = stored.LookBack
                        Centre = stored.Centre
                        Share = stored.Share
                        Step = stored.Step
                        Means = Array.ofList stored.Means
                        Scales = Array.ofList stored.Scales
                        Sums =
                            {
                                LookBack = stored.LookBack
                                Horizon = stored.Options.Horizon
                                Columns = int block
                                Windows = stored.Windows
                                Products = Tensors.toArray sums
                            }
                        Operator =
                            {
                                Encode = Tensors.copy encode
                                Step = Tensors.copy step
                                Gram = Tensors.copy gram
                                Amplitudes = Tensors.own (fun () -> torch.complex (real, imaginary))
                                Eigenvalues = complexes eigenvalues
                                Moved = complexes moved
                                Sizes = Array.ofList stored.Sizes
                                Residuals = Array.ofList stored.Residuals
                            }
                        Bands =
                            Array.init (int d) (fun c ->
                                {
                                    Level = stored.Options.Level
                                    Widths = widths[c]
                                    Gains = gains[c]
                                    Joint = joint[c]
                                    Stretch = stored.Stretches[c]
                                })
                        Paths = each paths
                        Tail = each tail
                        LastTime = stored.LastTime
                        Effect = effect
                        InputTail = inputTail
                        Constant = stored.Constant
                    }
        }
