# Installs pyrpc on Windows: irm https://github.com/pyrpc/toolkit/releases/latest/download/install.ps1 | iex
#   ./install.ps1 [-Version X.Y.Z] [-To FOLDER]
# To remove it: delete pyrpc.exe and pyrpc-toolkit.cmd from that folder (default %LOCALAPPDATA%\Programs\pyrpc).
param([string]$Version = "", [string]$To = "")

function Install-Pyrpc([string]$Version, [string]$To) {
    $ErrorActionPreference = "Stop"
    $ProgressPreference = "SilentlyContinue"
    $releases = "https://github.com/pyrpc/toolkit/releases"
    if (-not $To) { $To = Join-Path $env:LOCALAPPDATA "Programs\pyrpc" }
    $Version = $Version -replace "^v", ""
    # The machine's processor, not that of a PowerShell under emulation.
    $machine = [System.Environment]::GetEnvironmentVariable("PROCESSOR_ARCHITECTURE", "Machine")
    $cpu = switch ($machine) {
        "AMD64" { "x86_64" }
        "ARM64" { "aarch64" }
        default { throw "There is no pyrpc for the processor $machine; npm install @pyrpc/client runs on Node" }
    }
    $base = if ($env:PYRPC_DOWNLOAD_URL) { $env:PYRPC_DOWNLOAD_URL.TrimEnd("/") }
        elseif ($Version) { "$releases/download/v$Version" }
        else { "$releases/latest/download" }
    $work = Join-Path ([System.IO.Path]::GetTempPath()) ("pyrpc-" + [System.Guid]::NewGuid())
    New-Item -ItemType Directory -Path $work | Out-Null
    try {
        $sums = Join-Path $work "SHA256SUMS"
        Invoke-WebRequest -UseBasicParsing "$base/SHA256SUMS" -OutFile $sums
        $wanted = if ($Version) { [regex]::Escape($Version) } else { "[^ ]+" }
        $line = Get-Content $sums | Where-Object { $_ -match "  pyrpc-$wanted-$cpu-pc-windows-msvc\.zip$" } | Select-Object -First 1
        if (-not $line) { throw "This release has no archive for $cpu-pc-windows-msvc" }
        $sum, $archive = $line -split "  ", 2
        $file = Join-Path $work $archive
        Invoke-WebRequest -UseBasicParsing "$base/$archive" -OutFile $file
        $found = (Get-FileHash -Algorithm SHA256 $file).Hash.ToLowerInvariant()
        if ($found -ne $sum) { throw "$archive is not what SHA256SUMS says: $found instead of $sum. Nothing was installed." }
        Expand-Archive $file -DestinationPath $work
        New-Item -ItemType Directory -Force -Path $To | Out-Null
        $target = Join-Path $To "pyrpc.exe"
        Copy-Item (Join-Path $work ($archive -replace "\.zip$", "") | Join-Path -ChildPath "pyrpc.exe") "$target.new" -Force
        Move-Item "$target.new" $target -Force
        Set-Content -Path (Join-Path $To "pyrpc-toolkit.cmd") -Value '@"%~dp0pyrpc.exe" %*' -Encoding ascii
        Write-Output "$(& $target --version) installed as $target"
        Write-Output "To remove it: delete pyrpc.exe and pyrpc-toolkit.cmd in $To"
        if (($env:Path -split ";") -notcontains $To) {
            Write-Output "note: $To is not on Path; add it: setx Path ""%Path%;$To"""
        }
    }
    finally { Remove-Item -Recurse -Force $work }
}

Install-Pyrpc $Version $To
